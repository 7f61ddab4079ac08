/** What a stub agent can be told to do, by `--behave` when it starts or by a `stub:` word in a message.
 *  @typedef {{ name: string, value: string }} Behaviour */

/** Name, value (its form, `?` for an optional one, empty for none) and meaning. "Once" ones hold for one turn, the rest stay.
 *  @type {readonly (readonly [name: string, value: string, meaning: string])[]} */
export const BEHAVIOURS = [
  ["slow", "ms", "answers after that many ms"],
  ["wedged", "", "stays in its turn for ever: lives, beats as busy, ignores Enter"],
  ["deaf", "", "ignores Enter, so that what was typed stays in the composer"],
  ["draft", "text", "once: leaves that text in the composer (in a message: the rest of the line)"],
  ["blank", "", "shows nothing at all"],
  ["die", "code?", "once: exits with that status, 1 if none is given"],
  ["mute", "", "writes no heartbeat and reports nothing"],
  ["file-only", "", "writes the heartbeat file, reports nothing to the node"],
  ["waiting", "what", "once: stops in its turn until something is submitted"],
  ["fail", "why", "once: ends its turn with that error"],
  ["normal", "", "none of the above from now on"],
];

/** Reads `--behave`: names with their values, separated by commas.
 *  @param {string} list
 *  @returns {{ behaviours: Behaviour[], problem?: string }} */
export function parseBehaviourList(list) {
  const words = list.split(",").filter((word) => word.trim() !== "");
  const behaviours = words.map((word) => toBehaviour(word.trim()));
  const problem = behaviours.map(problemOf).find((each) => each !== undefined);
  return problem === undefined ? { behaviours } : { behaviours, problem };
}

/** Finds the `stub:` words of a message. What is not understood is told, not guessed.
 *  @param {string} text
 *  @returns {{ behaviours: Behaviour[], problems: string[] }} */
export function behavioursIn(text) {
  const words = [...text.matchAll(/(?:^|\s)stub:(draft=[^\n]*|\S+)/g)].map((match) => toBehaviour(match[1] ?? ""));
  const problems = words.flatMap((word) => problemOf(word) ?? []);
  return { behaviours: words.filter((word) => problemOf(word) === undefined), problems };
}

/** @param {string} word @returns {Behaviour} */
function toBehaviour(word) {
  const equals = word.indexOf("=");
  return equals < 0 ? { name: word, value: "" } : { name: word.slice(0, equals), value: word.slice(equals + 1) };
}

/** @param {Behaviour} behaviour @returns {string | undefined} */
function problemOf({ name, value }) {
  const form = BEHAVIOURS.find((entry) => entry[0] === name)?.[1];
  if (form === undefined) return `no behaviour is called ${JSON.stringify(name)}`;
  if (form === "") return value === "" ? undefined : `${name} takes no value`;
  if (value === "") return form.endsWith("?") ? undefined : `${name} needs a value: ${name}=<${form}>`;
  if (form === "ms" && !/^\d{1,7}$/.test(value)) return `${name} takes a whole number of ms, not ${JSON.stringify(value)}`;
  if (form === "code?" && !(/^\d{1,3}$/.test(value) && Number(value) <= 255)) return `${name} takes an exit status from 0 to 255`;
  return undefined;
}
