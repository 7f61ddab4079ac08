/** What it takes to read and to tidy recordings, and no more: commands load it in a moment, unlike the whole room. */
export type { RecordingFile, RecordingStore } from "./ports/recording-store.ts";
export type { CastEvent, CastHeader } from "./recording/cast-format.ts";
export { type CastReader, readCast } from "./recording/cast-reader.ts";
export { findRecording } from "./recording/find-recording.ts";
export { type PrunedFile, type PruneRules, prunePlan } from "./recording/prune-plan.ts";
