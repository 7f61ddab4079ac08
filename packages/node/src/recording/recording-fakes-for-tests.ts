import type {
  MosaicError,
  OpenRecording,
  RecordingFile,
  RecordingStore,
  SessionTape,
  SessionTapes,
  TapeEvent,
  TapeScreen,
} from "@mosaic/core";

/** Recordings in memory. */
export class FakeRecordingStore implements RecordingStore {
  readonly files = new Map<string, { agent: string; text: string; isOpen: boolean; order: number }>();
  /** While set, every change throws it. */
  failure: MosaicError | undefined;
  /** While set, bytes are taken only when it resolves. */
  stall: Promise<void> | undefined;
  appends = 0;
  /** The most files of one agent that there ever were at once. */
  most = 0;
  #order = 0;

  async create(agent: string, id: string): Promise<OpenRecording> {
    this.#check();
    const file = { agent, text: "", isOpen: true, order: this.#order++ };
    this.files.set(id, file);
    this.most = Math.max(this.most, this.idsOf(agent).length);
    return {
      append: async (bytes) => {
        await this.stall;
        this.#check();
        this.appends += 1;
        file.text += Buffer.from(bytes).toString("utf8");
      },
      close: async () => {
        file.isOpen = false;
      },
    };
  }

  async list(agent?: string): Promise<readonly RecordingFile[]> {
    return [...this.files]
      .filter(([, file]) => agent === undefined || file.agent === agent)
      .map(([id, file]) => ({
        id,
        agent: file.agent,
        path: `/fake/${file.agent}/${id}.cast`,
        startedUnixMs: file.order,
        modifiedUnixMs: file.order,
        bytes: Buffer.byteLength(file.text),
        isBeingWritten: file.isOpen,
      }));
  }

  async delete(_agent: string, id: string): Promise<void> {
    this.#check();
    this.files.delete(id);
  }

  async *read(_agent: string, id: string): AsyncIterable<Uint8Array> {
    yield Buffer.from(this.files.get(id)?.text ?? "");
  }

  idsOf(agent: string): string[] {
    return [...this.files].filter(([, file]) => file.agent === agent).map(([id]) => id);
  }

  /** The texts of an agent's files, oldest first. */
  textsOf(agent: string): string[] {
    return this.idsOf(agent).map((id) => this.files.get(id)?.text ?? "");
  }

  #check(): void {
    if (this.failure) throw this.failure;
  }
}

/** A followed session that says what a test tells it to. */
export class FakeTape implements SessionTape {
  readonly session: string;
  readonly tell: (event: TapeEvent) => void;
  /** Panes whose screen was asked for, in order. */
  asked: string[] = [];
  isDisposed = false;

  constructor(session: string, listener: (event: TapeEvent) => void) {
    this.session = session;
    this.tell = (event) => {
      if (!this.isDisposed) listener(event);
    };
  }

  askForScreen(paneId: string): void {
    this.asked.push(paneId);
  }

  print(text: string | Uint8Array, paneId = "%1"): void {
    this.tell({ kind: "output", paneId, bytes: typeof text === "string" ? Buffer.from(text) : text });
  }

  show(line: string, more: Partial<TapeScreen> = {}): void {
    this.asked = [];
    this.tell({ kind: "screen", paneId: "%1", screen: { ...BLANK_SCREEN, lines: [line], ...more } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isDisposed = true;
  }
}

/** Sessions that say what a test tells them to. */
export class FakeTapes implements SessionTapes {
  readonly all: FakeTape[] = [];

  followSession(session: string, listener: (event: TapeEvent) => void): FakeTape {
    const tape = new FakeTape(session, listener);
    this.all.push(tape);
    return tape;
  }

  get last(): FakeTape {
    const tape = this.all.at(-1);
    if (tape === undefined) throw new Error("nobody follows a session");
    return tape;
  }
}

const BLANK_SCREEN: TapeScreen = {
  lines: [],
  columns: 80,
  rows: 24,
  cursorColumn: 0,
  cursorRow: 0,
  isCursorVisible: true,
  isAlternateScreen: false,
  scrollTop: 0,
  scrollBottom: 23,
  isOriginMode: false,
  isInsertMode: false,
  isWrapMode: true,
  pending: "",
};
