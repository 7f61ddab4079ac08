import { MosaicError } from "@mosaic/core/light";
import type { CommandDeps } from "../command.ts";
import type { PsItem } from "../fleet/ps-item.ts";
import type { Io } from "../io/io.ts";
import type { Place } from "../remote/endpoints.ts";
import { withStream } from "../remote/open-stream.ts";
import { RemoteScreen } from "../terminal/remote-screen.ts";
import type { ScreenPicture } from "./agent-view.ts";

/** After an attempt that failed, in ms. */
const RETRY_MS = 2000;

/** The live screen of one agent, for as long as somebody looks. */
export interface FollowedScreen extends Disposable {
  readonly picture: ScreenPicture;
}

/** Follows an agent's screen, again and again until it is disposed; says why when it can't.
 *  @param onChange told after each change of the picture */
export function followScreen(
  item: Pick<PsItem, "tenant_id" | "host" | "name">,
  { places, io, deps, timeoutMs }: { places: readonly Place[]; io: Io; deps: CommandDeps; timeoutMs: number },
  onChange: () => void,
): FollowedScreen {
  const closed = new AbortController();
  const signal = AbortSignal.any([io.signal, closed.signal]);
  const screen = new RemoteScreen();
  let problem = "waiting for it";
  const say = (text: string) => {
    problem = text;
    if (!signal.aborted) onChange();
  };
  const agent = { tenantId: item.tenant_id, host: item.host, name: item.name };
  const look = async () => {
    return await withStream(places, deps, timeoutMs, {
      ...{ name: `watch of ${item.name}`, signal },
      work: async (client, until) => {
        for await (const { frame } of client.watchTerminal({ agent }, { signal: until })) {
          if (frame.case === "end") return frame.value.reason;
          if (frame.case === "screen") screen.replace(frame.value);
          else if (frame.case === "change") screen.change(frame.value);
          say("");
        }
        return "the server ended the stream";
      },
    });
  };
  void (async () => {
    while (!signal.aborted) {
      const why = await look().catch((thrown: unknown) => MosaicError.from(thrown).message);
      say(why);
      await io.clock.sleep(RETRY_MS, signal);
    }
  })();
  return {
    get picture() {
      return { lines: screen.lines, cursorRow: screen.cursor?.row, problem };
    },
    [Symbol.dispose]: () => closed.abort(),
  };
}
