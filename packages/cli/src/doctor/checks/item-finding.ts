import type { CheckItem } from "../../fleet/check-answer.ts";
import { type Finding, fault, inOrder, warning } from "../check.ts";

/** What `fleet init --check` says of a thing, as a finding. */
export function itemFinding({ level, message, next }: Omit<CheckItem, "check">): Finding {
  switch (level) {
    case "ok":
      return inOrder(message);
    case "warn":
      return warning(message, next);
    case "missing":
      return fault(message, next);
    default:
      return level satisfies never;
  }
}
