/** Who is who in a fleet, and what each may do. */
export {
  type CheckpointClaim,
  type CheckpointJudge,
  checkpointProblem,
  checkpointSigner,
  signCheckpoint,
} from "./audit-checkpoint.ts";
export {
  CAPABILITY_TTL_MS,
  type Capability,
  type Deed,
  readCapability,
  type SignDeedOptions,
  signDeed,
} from "./capability.ts";
export { CertifiedCallers, type CertifiedDeps, type KnownCaller, untilRefused } from "./certified-callers.ts";
export {
  type Credentials,
  formatCredentials,
  parseCertificates,
  parseRoots,
  readOwnCredentials,
} from "./credentials.ts";
export { type Decision, decide, decideVerb, type Grant, maySurvey, type Policy, type Question, whoIs } from "./decide.ts";
export { AttemptLimits } from "./enrolment/attempt-limits.ts";
export { formatAuthority, parseAuthority } from "./enrolment/authority-file.ts";
export {
  type CaState,
  formatCaState,
  type MemberTrust,
  nextStep,
  parseCaState,
  type RotationPhase,
  type RotationStep,
  takeStep,
  waitingFor,
} from "./enrolment/ca-rotation.ts";
export { createCsr, publicKeyOfCsr } from "./enrolment/csr.ts";
export { type EnrolmentFile, formatEnrolmentFile, parseEnrolmentFile } from "./enrolment/enrolment-file.ts";
export { fingerprintWords } from "./enrolment/fingerprint.ts";
export {
  type Attempt,
  INVITATION_TTL_MS,
  type Invitation,
  type InvitationUse,
  type Invited,
  MAX_INVITATION_TTL_MS,
  newInvitation,
  type RefusedJoin,
  redeem,
} from "./enrolment/invitation.ts";
export { formatJoinLine, type JoinLine, parseJoinLine } from "./enrolment/join-line.ts";
export {
  type KeepRenewedOptions,
  type KeptRenewed,
  keepRenewed,
  type RenewalReply,
  type RenewalRequest,
  type RenewalService,
  type RenewalState,
  renewNow,
} from "./enrolment/keep-renewed.ts";
export {
  assertFreshLocks,
  findLock,
  formatLocks,
  type Lock,
  type LockKind,
  type LockView,
  NO_LOCKS,
} from "./enrolment/locks.ts";
export { keySha256, pinOf } from "./enrolment/pin.ts";
export {
  type Alarm,
  EMPTY_REGISTER,
  formatRegister,
  type Member,
  parseRegister,
  type RegisterState,
} from "./enrolment/register-file.ts";
export { LATE_RENEWAL_MS } from "./enrolment/renewal.ts";
export { readSignedNews, signNews, type ToldNews } from "./enrolment/signed-news.ts";
export {
  type Authority,
  createFleetCa,
  type FleetCa,
  issueIntermediate,
  issueLeaf,
  type LeafRequest,
  publicKeyOf,
} from "./fleet-ca.ts";
export { type FleetIdentity, openFleetIdentity } from "./fleet-identity.ts";
export { type FleetPolicy, openFleetPolicy } from "./fleet-policy.ts";
export { type IdentityRole, identityFolder } from "./identity-folder.ts";
export { fixedIdentity, type IdentitySource } from "./identity-source.ts";
export { keyFromPem, keyToPem, newKey } from "./key-pair.ts";
export { isMutating, MATRIX, METHOD_VERBS, type Role, VERBS, type Verb } from "./matrix.ts";
export { identityOf, PeerRefused, type Refusal, type Trust } from "./peer.ts";
export { parsePolicy } from "./policy-file.ts";
export { formatIdentity, type Identity, isTenantName, parseIdentity } from "./spiffe-id.ts";
export { surveyJudge } from "./survey-judge.ts";
