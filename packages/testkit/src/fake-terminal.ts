import {
  type CaptureOptions,
  type Clock,
  MosaicError,
  type PaneCapture,
  type PaneFacts,
  type TerminalKeyboard,
  type TerminalServer,
} from "@mosaic/core";
import { FakePane } from "./fake-pane.ts";

/** Something that was put into a pane. */
export interface TypedInput {
  readonly paneId: string;
  readonly kind: "paste" | "key" | "bytes";
  /** Text, name of a key, or bytes as text (one character for each). */
  readonly value: string;
}

type OutputListener = (event: "output" | "ended") => void;

/** A tmux server in memory. Events come in a later turn, as from a real one. */
export class FakeTerminal implements TerminalServer, TerminalKeyboard {
  readonly #clock: Clock;
  readonly #panes = new Map<string, FakePane>();
  readonly #changeListeners = new Set<() => void>();
  readonly #outputListeners = new Map<string, Set<OutputListener>>();
  readonly #programs = new Map<string, (text: string) => void>();
  #created = 0;
  /** Everything put into any pane, oldest first. */
  readonly typed: TypedInput[] = [];
  /** While set, every call throws it. */
  failure: Error | undefined;
  /** Runs before a paste lands; lets a test hold or fail one. */
  beforePaste: (paneId: string, text: string) => Promise<void> = async () => {};
  /** Runs before typed bytes land; lets a test hold or fail them. */
  beforeBytes: (paneId: string, bytes: Uint8Array) => Promise<void> = async () => {};
  /** While true, nobody is told of changes, as when events come late. */
  isQuiet = false;
  /** How often the panes were listed. */
  listCount = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Starts a session of one pane. @param onSubmit what its program does with a line submitted by Enter */
  addSession(session: string, command: string, onSubmit: (text: string) => void = () => {}): FakePane {
    this.#created += 1;
    const ids = { paneId: `%${this.#created}`, pid: 1000 + this.#created };
    const pane = new FakePane({ ...ids, session, command, columns: 80, rows: 24 });
    pane.lastActivityUnixMs = this.#clock.nowUnixMs();
    this.#panes.set(session, pane);
    this.#programs.set(session, onSubmit);
    this.#changed();
    return pane;
  }

  pane(session: string): FakePane {
    const pane = this.#panes.get(session);
    if (!pane) throw new Error(`no session ${session}`);
    return pane;
  }

  get sessions(): string[] {
    return [...this.#panes.keys()];
  }

  /** Ends a session: nothing is left of it. */
  endSession(session: string): void {
    if (!this.#panes.delete(session)) return;
    this.#tell(session, "ended");
    this.#changed();
  }

  /** Ends the pane's process; the dead pane stays, as with `remain-on-exit`. */
  killProcess(session: string, exitStatus?: number): void {
    const pane = this.pane(session);
    pane.isDead = true;
    pane.exitStatus = exitStatus;
    this.#changed();
  }

  resize(session: string, columns: number, rows: number): void {
    Object.assign(this.pane(session), { columns, rows });
    this.#tell(session, "output");
    this.#changed();
  }

  /** Prints lines into a session. */
  print(session: string, ...lines: string[]): void {
    this.#draw(session, (pane) => pane.lines.push(...lines));
  }

  /** Wipes a session's screen and history. */
  clear(session: string): void {
    this.#draw(session, (pane) => {
      pane.lines = [];
    });
  }

  /** Says that something changed when nothing did. */
  pokeListeners(): void {
    this.#changed();
  }

  async listPanes(_signal: AbortSignal): Promise<readonly PaneFacts[]> {
    this.listCount += 1;
    if (this.failure) throw this.failure;
    return [...this.#panes.values()].map((pane) => pane.facts());
  }

  async capture(paneId: string, options: CaptureOptions, _signal: AbortSignal): Promise<PaneCapture> {
    return this.#find(paneId).capture(options);
  }

  async paste(paneId: string, text: string, _signal: AbortSignal, onReady = async () => {}): Promise<void> {
    await onReady();
    await this.beforePaste(paneId, text);
    const pane = this.#alive(paneId);
    this.typed.push({ paneId, kind: "paste", value: text });
    this.#draw(pane.session, () => {
      pane.composer += text;
    });
  }

  async pressKey(paneId: string, key: string, _signal: AbortSignal): Promise<void> {
    const pane = this.#alive(paneId);
    this.typed.push({ paneId, kind: "key", value: key });
    if (key === "Enter") this.#submit(pane);
  }

  /** Text goes into the composer, a carriage return submits it; all else is only recorded. */
  async typeBytes(paneId: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.beforeBytes(paneId, bytes);
    signal.throwIfAborted();
    const pane = this.#alive(paneId);
    this.typed.push({ paneId, kind: "bytes", value: Buffer.from(bytes).toString("latin1") });
    const [first = "", ...others] = Buffer.from(bytes).toString("utf8").split("\r");
    const compose = (text: string) =>
      this.#draw(pane.session, () => {
        pane.composer += text.replace(/[\x00-\x1f\x7f]/g, "");
      });
    compose(first);
    for (const text of others) {
      this.#submit(pane);
      compose(text);
    }
  }

  onChange(listener: () => void): Disposable {
    this.#changeListeners.add(listener);
    return { [Symbol.dispose]: () => void this.#changeListeners.delete(listener) };
  }

  watchOutput(session: string, listener: OutputListener): AsyncDisposable {
    const listeners = this.#outputListeners.get(session) ?? new Set();
    this.#outputListeners.set(session, listeners.add(listener));
    if (!this.#panes.has(session)) queueMicrotask(() => listener("ended"));
    return {
      async [Symbol.asyncDispose]() {
        listeners.delete(listener);
      },
    };
  }

  /** Watchers of output now, over all sessions. */
  get outputWatcherCount(): number {
    return [...this.#outputListeners.values()].reduce((sum, listeners) => sum + listeners.size, 0);
  }

  #draw(session: string, change: (pane: FakePane) => void): void {
    const pane = this.pane(session);
    change(pane);
    pane.lastActivityUnixMs = this.#clock.nowUnixMs();
    this.#tell(session, "output");
  }

  #submit(pane: FakePane): void {
    const text = pane.composer;
    this.#draw(pane.session, () => {
      pane.composer = "";
      pane.lines.push(...`> ${text}`.split("\n"));
    });
    queueMicrotask(() => this.#programs.get(pane.session)?.(text));
  }

  #find(paneId: string): FakePane {
    if (this.failure) throw this.failure;
    const pane = [...this.#panes.values()].find((one) => one.paneId === paneId);
    if (!pane) throw new MosaicError("AGENT_NOT_RUNNING", `pane ${paneId} is gone`);
    return pane;
  }

  #alive(paneId: string): FakePane {
    const pane = this.#find(paneId);
    if (pane.isDead) throw new MosaicError("AGENT_NOT_RUNNING", `the process in pane ${paneId} has ended`);
    return pane;
  }

  #changed(): void {
    if (this.isQuiet) return;
    queueMicrotask(() => {
      for (const listener of [...this.#changeListeners]) listener();
    });
  }

  #tell(session: string, event: "output" | "ended"): void {
    queueMicrotask(() => {
      for (const listener of [...(this.#outputListeners.get(session) ?? [])]) listener(event);
    });
  }
}
