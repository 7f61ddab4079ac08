import type { PsHost } from "./ps-host.ts";

/** What to type next about a host that is not LIVE. */
export interface HostSteps {
  /** On the host itself; empty: nothing there. */
  readonly there: string;
  /** Where one is, most telling first. */
  readonly here: readonly string[];
}

/** Says what to type next about a host; undefined when it is LIVE. The runbook has a heading for each state. */
export function hostSteps(host: Pick<PsHost, "tenant_id" | "host" | "state" | "address">): HostSteps | undefined {
  const name = host.tenant_id === "" ? host.host : `${host.tenant_id}/${host.host}`;
  const probe = DIALLABLE.test(host.address) ? [`mosaic gateway probe --endpoint ${host.address}`] : [];
  switch (host.state) {
    case "LIVE":
      return undefined;
    case "DRAINING":
      return { there: "", here: [`mosaic host undrain ${name}`] };
    case "WARMING":
      return { there: "", here: [`mosaic host describe ${name}`] };
    case "OVERLOADED":
      return { there: "", here: [`mosaic host describe ${name} --live --timeout 30s`] };
    case "AUTH_FAILED":
      return { there: "mosaic doctor --only certificate,fleet-trust,clock", here: probe };
    case "INCOMPATIBLE":
      return { there: "mosaic version --all", here: ["mosaic version --all"] };
    default:
      return { there: "mosaic doctor", here: probe };
  }
}

/** A host that dials in has no address to ask; and what another machine told is copied into a command only when a shell takes it
 *  for nothing else. */
const DIALLABLE = /^(https?:\/\/[\w.:[\]-]+|unix:[\w./@+-]+)$/;
