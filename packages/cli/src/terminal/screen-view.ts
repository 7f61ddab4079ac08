import type { Screen, ScreenChange } from "@mosaic/wire";
import type { Io } from "../io/io.ts";
import { drawScreen } from "./draw-screen.ts";
import { RemoteScreen } from "./remote-screen.ts";

/** What changes a view. */
export type ViewFrame =
  | { readonly case: "screen"; readonly value: Screen }
  | { readonly case: "change"; readonly value: ScreenChange };

/** An agent's screen in the local terminal, drawn anew with each frame and with each change of the terminal's size. Once
 *  disposed it draws nothing more: a frame may still be on its way when the terminal is given back. */
export class ScreenView implements Disposable {
  readonly #io: Io;
  readonly #statusOf: (screen: Screen) => string;
  readonly #remote = new RemoteScreen();
  readonly #resizes: Disposable;
  #status = "";
  #isOver = false;

  /** @param statusOf the line at the bottom */
  constructor(io: Io, statusOf: (screen: Screen) => string) {
    this.#io = io;
    this.#statusOf = statusOf;
    this.#resizes = io.stdout.onResize(() => this.#draw());
  }

  /** Draws a frame. Resolves when the terminal has taken it: no faster, so that the server merges what happens meanwhile. */
  async show(frame: ViewFrame): Promise<void> {
    if (frame.case === "screen") {
      this.#status = this.#statusOf(frame.value);
      this.#remote.replace(frame.value);
    } else this.#remote.change(frame.value);
    this.#draw();
    await this.#io.stdout.flushed();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#resizes[Symbol.dispose]();
  }

  #draw(): void {
    if (this.#isOver) return;
    const { stdout } = this.#io;
    stdout.write(drawScreen(this.#remote, this.#status, { columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 }));
  }
}
