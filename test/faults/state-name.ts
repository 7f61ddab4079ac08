import { HostState } from "@mosaic/wire";

/** Names a host's state, or its number when it has no name here. */
export function stateName(state: HostState | undefined): string {
  return Object.entries(HostState).find(([, value]) => value === state)?.[0] ?? `${state}`;
}
