/** Where a line is typed: which home the command takes for its own, and in which folder. */
export interface Place {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** `fleet`: the aggregator of a demo. `alpha`: a host of it. `members`: another aggregator of the same hosts, whose membership
 *  may be changed. `spare`: a host of its own on which agents come and go. `authority`: the aggregator that lets hosts in. */
export type PlaceName = "fleet" | "alpha" | "members" | "spare" | "authority";

const SPARE =
  /^mosaic (fleet (start|stop|restart|init|install|uninstall)|agent (start|stop|roster|install-hooks)|gateway (install|uninstall|start|stop|restart)|policy|sessions|message repair)/;
const AUTHORITY = /^mosaic (fleet ca|host (invite|join|approve|evict|ban)|user|login)/;
const MEMBERS = /^mosaic host (add|rm|drain|undrain)/;
const ALPHA =
  /^mosaic (fleet (ps|status|verify)|agent (send|tail|status|approve|deny) (lead|coder0)|gateway (status|probe)|doctor|logs|events|system|status|health|audit)/;

/** Where a line is typed: on a host what is about that host, at the aggregator what is about several. */
export function placeOf(line: string): PlaceName {
  if (SPARE.test(line)) return "spare";
  if (AUTHORITY.test(line)) return "authority";
  if (MEMBERS.test(line)) return "members";
  return ALPHA.test(line) && !line.includes("--all-hosts") ? "alpha" : "fleet";
}
