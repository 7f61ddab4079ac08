/** Colours by meaning. */
export type Tone = "good" | "busy" | "attention" | "bad" | "mesh" | "faint" | "strong";

/** Puts colour on text, or leaves it alone. */
export type Style = (tone: Tone, text: string) => string;

/** Leaves text alone. */
export const plainStyle: Style = (_tone, text) => text;

/** Colours with SGR escapes from the terminal's own sixteen colours. */
export const colourStyle: Style = (tone, text) => (text === "" ? "" : `\x1b[${CODES[tone]}m${text}\x1b[0m`);

/** Whether colour is wanted: `--no-color` first, then NO_COLOR (https://no-color.org), FORCE_COLOR, TERM=dumb, and at last
 *  whether anybody would see it. */
export function styleFor(options: {
  noColor: boolean;
  isTerminal: boolean;
  env: Readonly<Record<string, string | undefined>>;
}): Style {
  const { noColor, isTerminal, env } = options;
  if (noColor || (env["NO_COLOR"] ?? "") !== "") return plainStyle;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced === "0" || forced === "false" ? plainStyle : colourStyle;
  return isTerminal && env["TERM"] !== "dumb" ? colourStyle : plainStyle;
}

const CODES: Readonly<Record<Tone, string>> = {
  good: "32",
  busy: "36",
  attention: "33",
  bad: "31",
  mesh: "35",
  faint: "2",
  strong: "1",
};
