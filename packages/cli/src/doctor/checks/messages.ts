import { MosaicError } from "@mosaic/core/light";
import { type DoctorCheck, type Finding, fault, inOrder, nothingHere } from "../check.ts";
import type { DoctorWorld } from "../doctor-world.ts";

/** The message stores. */
export const messagesCheck: DoctorCheck = {
  id: "messages",
  what: "the files that messages are kept in",
  why: "a store that is damaged takes no message until somebody decides",
  runbook: "STORE_UNAVAILABLE (error)",
  async look(world) {
    const found = await Promise.all(["inbox", "outbox"].map((name) => lookAt(name, world)));
    return found;
  },
};

async function lookAt(name: string, { inspectStore, paths }: DoctorWorld): Promise<Finding> {
  try {
    const store = await inspectStore(`${paths.mosaicHome}/fleet/messages/${name}.db`);
    if (!store) return nothingHere(`there is no ${name} yet`);
    if (store.refusal !== undefined) return fault(`the ${name}: ${store.refusal}`, "mosaic message repair --dry-run");
    if (store.passing !== undefined) return fault(`the ${name}: ${store.passing}`, `df -h ${paths.mosaicHome}`);
    return inOrder(`the ${name} is sound`);
  } catch (thrown) {
    const { code } = MosaicError.from(thrown);
    if (code !== "ALREADY_RUNNING") throw thrown;
    // What is wrong with a store in use its daemon tells as a condition.
    return inOrder(`the ${name} is in use by its daemon`);
  }
}
