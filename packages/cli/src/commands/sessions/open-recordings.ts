import { findRecording, type RecordingFile, type RecordingStore } from "@mosaic/core/recordings";
import { recordingStore } from "@mosaic/host";

/** This host's recordings. */
export function openRecordings(mosaicHome: string): RecordingStore {
  return recordingStore(`${mosaicHome}/fleet/sessions`);
}

/** Lists the recordings of the named agents, oldest first; of all when none is named. */
export async function listRecordings(store: RecordingStore, agents: readonly string[]): Promise<readonly RecordingFile[]> {
  const files = await store.list();
  return agents.length === 0 ? files : files.filter(({ agent }) => agents.includes(agent));
}

/** Finds the one that was asked for.
 *  @throws MosaicError USAGE when none or several fit */
export async function recordingNamed(store: RecordingStore, wanted: string): Promise<RecordingFile> {
  return findRecording(await store.list(), wanted);
}
