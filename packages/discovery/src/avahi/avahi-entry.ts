import { MosaicError } from "@mosaic/core";
import type { AdvertisedService, LinkProblem } from "../provider.ts";
import { SERVICE_TYPE } from "../provider.ts";
import { AVAHI, callObject, callServer, UNSPECIFIED } from "./avahi-calls.ts";
import type { MessageBus } from "./message-bus.ts";

/** Has avahi-daemon announce a service on every interface, until disposed. */
export async function publishByAvahi(
  bus: MessageBus,
  service: AdvertisedService,
  onProblem: (problem: LinkProblem) => void,
): Promise<AsyncDisposable> {
  const stack = new AsyncDisposableStack();
  try {
    const [path] = await callServer(bus, "EntryGroupNew");
    const group = { path: String(path), kind: "EntryGroup" } as const;
    stack.defer(() => free(bus, group));
    stack.use(
      bus.onSignal(({ path: from, interface: name, member, body }) => {
        if (from !== group.path || name !== `${AVAHI}.EntryGroup` || member !== "StateChanged") return;
        const reason = FAILURES[Number(body[0])];
        if (reason !== undefined) onProblem({ link: undefined, reason: `${reason} (${String(body[1])})` });
      }),
    );
    const txt = service.txt.map((entry) => [...Buffer.from(entry)]);
    // Empty domain and host: avahi-daemon's own.
    const body = [UNSPECIFIED, UNSPECIFIED, 0, service.instance, SERVICE_TYPE, "", "", service.port, txt];
    await callObject(bus, group, "AddService", "iiussssqaay", body);
    await callObject(bus, group, "Commit");
    return stack.move();
  } catch (cause) {
    await stack.disposeAsync();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new MosaicError("MACHINE", `avahi-daemon refuses to announce "${service.instance}": ${why}`, { cause });
  }
}

/** States of an entry group that mean that nothing is announced. */
const FAILURES: Readonly<Record<number, string>> = {
  3: "another service on the link has the same name",
  4: "avahi-daemon failed to announce it",
};

async function free(bus: MessageBus, group: { readonly path: string; readonly kind: "EntryGroup" }): Promise<void> {
  await callObject(bus, group, "Free").catch(() => {
    // Avahi went away, and what it announced with it.
  });
}
