import { believe, type HeartbeatReading } from "./heartbeat-reading.ts";

type Readings = ReadonlyMap<string, HeartbeatReading>;

interface Believed {
  readonly report: HeartbeatReading;
  readonly file: HeartbeatReading | undefined;
  readonly reading: HeartbeatReading;
}

/** Brings together what agents reported and what their files say. The same two readings give the same object again, so that
 *  the rows of agents of which nothing new was heard need not be made anew. */
export class BelievedReadings {
  #believed = new Map<string, Believed>();

  /** The reading to believe of each agent, by name. */
  of(reported: Readings, files: Readings): Readings {
    if (reported.size === 0) return files;
    const believed = new Map<string, Believed>();
    const found = new Map(files);
    for (const [name, report] of reported) {
      const file = files.get(name);
      const before = this.#believed.get(name);
      const isKnown = before?.report === report && before.file === file;
      const now = isKnown ? before : { report, file, reading: believe(report, file) ?? report };
      believed.set(name, now);
      found.set(name, now.reading);
    }
    this.#believed = believed;
    return found;
  }
}
