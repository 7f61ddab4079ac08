import { type DoctorCheck, inOrder, warning } from "../check.ts";

/** Whether terminals speak UTF-8. */
export const localeCheck: DoctorCheck = {
  id: "locale",
  what: "the character set of this login",
  why: "tmux replaces what is not ASCII, so that agents' screens and texts arrive damaged",
  runbook: "locale",
  async look({ env }) {
    // The first of them that is set is the one that counts.
    const name = ["LC_ALL", "LC_CTYPE", "LANG"].find((each) => (env[each] ?? "") !== "");
    const value = name === undefined ? "" : (env[name] ?? "");
    if (/utf-?8/i.test(value)) return [inOrder(`${name}=${value}`)];
    const found = name === undefined ? "neither LC_ALL, LC_CTYPE nor LANG is set" : `${name}=${value} is not UTF-8`;
    return [warning(found, "export LC_ALL=C.UTF-8")];
  },
};
