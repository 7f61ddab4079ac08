import type { Clock } from "@mosaic/core";
import type { DiscoveryProvider } from "../provider.ts";
import { browseAvahi } from "./avahi-browser.ts";
import { AVAHI, callServer, hasAvahi, listenToAvahi } from "./avahi-calls.ts";
import { publishByAvahi } from "./avahi-entry.ts";
import type { MessageBus } from "./message-bus.ts";

/** Does multicast DNS through the host's avahi-daemon, which is on every link already.
 *  @param bus owned by the provider from now on
 *  @returns undefined, with the bus disposed, when no avahi-daemon runs or it does not do its work */
export async function avahiProvider(bus: MessageBus, clock: Clock): Promise<DiscoveryProvider | undefined> {
  const patientBus = withDeadline(bus, clock);
  try {
    if (await isRunning(patientBus)) {
      await listenToAvahi(patientBus);
      return createProvider(patientBus);
    }
  } catch {
    // A bus that refuses, for example by policy, is as good as no avahi: there is another way.
  }
  bus[Symbol.dispose]();
  return undefined;
}

/** A name that does not resolve avahi-daemon gives up after 5 s. */
const CALL_TIMEOUT_MS = 8000;

// One that is stopped answers to nothing, and the bus waits with us.
function withDeadline(bus: MessageBus, clock: Clock): MessageBus {
  return {
    async call(call) {
      const answered = new AbortController();
      const late = clock.sleep(CALL_TIMEOUT_MS, answered.signal).then(() => {
        throw new Error(`no answer to ${call.member} in ${CALL_TIMEOUT_MS / 1000} s`);
      });
      try {
        return await Promise.race([bus.call(call), late]);
      } finally {
        answered.abort();
        // It ends at once now, and nobody waits for it any more.
        late.catch(() => {});
      }
    },
    onSignal: (listener) => bus.onSignal(listener),
    closed: bus.closed,
    [Symbol.dispose]: () => bus[Symbol.dispose](),
  };
}

async function isRunning(bus: MessageBus): Promise<boolean> {
  if (!(await hasAvahi(bus))) return false;
  const [state] = await callServer(bus, "GetState");
  return state === STATE_RUNNING || state === STATE_REGISTERING;
}

/** States of avahi-daemon in which it works, or will in a moment. */
const STATE_REGISTERING = 1;
const STATE_RUNNING = 2;

function createProvider(bus: MessageBus): DiscoveryProvider {
  const stack = new AsyncDisposableStack();
  stack.use(bus);
  const gone = Promise.withResolvers<string>();
  stack.use(
    bus.onSignal(({ member, body }) => {
      if (member === "NameOwnerChanged" && body[0] === AVAHI) gone.resolve("avahi-daemon ended");
    }),
  );
  return {
    name: "avahi",
    ended: Promise.race([gone.promise, bus.closed.then(() => "the system bus ended the connection")]),
    browse: async (listener) => stack.use(await browseAvahi(bus, listener)),
    advertise: async (service, onProblem) => stack.use(await publishByAvahi(bus, service, onProblem)),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
