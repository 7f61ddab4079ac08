/** The record of verifications, for those who write it. */
export { appendVerification, type VerificationRecord, verificationLogPath } from "../local/verification-log.ts";
