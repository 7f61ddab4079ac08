/** A value of a protobuf enum as it stands in JSON: its name, the number of a value newer than the server's contract, or
 *  absent for the zero value. */
export type EnumJson = string | number | undefined;

/** Words in lower case are the agent's: `AGENT_STATE_WORKING` becomes `working`. A value from the future is shown as it came,
 *  and nothing said is `unknown` (or what `unspecified` gives). */
export function agentWord(value: EnumJson, prefix: string, unspecified = "unknown"): string {
  const word = withoutPrefix(value, prefix).toLowerCase();
  return word === "unspecified" ? unspecified : word;
}

/** Words in capitals are the mesh's: `HOST_STATE_LIVE` becomes `LIVE`. */
export function meshWord(value: EnumJson, prefix: string): string {
  const word = withoutPrefix(value, prefix).toUpperCase();
  return word === "UNSPECIFIED" ? "UNKNOWN" : word;
}

function withoutPrefix(value: EnumJson, prefix: string): string {
  const text = String(value ?? "UNSPECIFIED");
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}
