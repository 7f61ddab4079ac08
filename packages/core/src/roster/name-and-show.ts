import type { Step } from "./yaml-source.ts";

/** Writes a path as people do: `agents[1].name`. */
export function nameOf(path: readonly Step[]): string {
  const written = path
    .map((step) => (/^[\w-]+$/.test(String(step)) && typeof step === "string" ? `.${step}` : `[${JSON.stringify(step)}]`))
    .join("");
  return written === "" ? "the roster" : written.replace(/^\./, "");
}

/** Shows an offending value, short. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  return typeof value === "object" && value !== null ? kindOf(value) : String(value);
}

function kindOf(value: object): string {
  return Array.isArray(value) ? "a list" : "a mapping";
}
