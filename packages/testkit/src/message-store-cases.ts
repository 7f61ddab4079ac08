import { keepingCases } from "./message-store/keeping-cases.ts";
import { refusingCases } from "./message-store/refusing-cases.ts";
import type { MessageStoreCase } from "./message-store/store-case.ts";

/** What every MessageStore promises, whatever keeps its records. */
export const messageStoreCases: readonly MessageStoreCase[] = [...keepingCases, ...refusingCases];
