import { MosaicError } from "../errors.ts";

/** An agent's address as a person typed it; what is missing stays empty. */
export interface PartialAddress {
  readonly tenantId: string;
  readonly host: string;
  readonly name: string;
}

/** Parses `[[tenant/]host/]agent`.
 *  @throws MosaicError USAGE, with the form, for anything else. */
export function parseAddress(text: string): PartialAddress {
  const parts = text.split("/");
  const isSound = parts.length <= 3 && parts.every((part) => PART.test(part)) && text.length <= 520;
  if (!isSound) {
    throw new MosaicError("USAGE", `not an agent's address: ${JSON.stringify(text.slice(0, 200))}`, {
      hint: "write [[tenant/]host/]agent, for example team-a/alpha/lead",
    });
  }
  const [name = "", host = "", tenantId = ""] = parts.reverse();
  return { tenantId, host, name };
}

/** Writes an address out in full, leaving out what is empty. */
export function formatAddress(address: PartialAddress): string {
  return [address.tenantId, address.host, address.name].filter((part) => part !== "").join("/");
}

const PART = /^[A-Za-z0-9_.-]+$/;
