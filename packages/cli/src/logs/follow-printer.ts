import type { MosaicError } from "@mosaic/core/light";
import type { Io } from "../io/io.ts";
import { plainText, safeJson } from "../output/plain-text.ts";
import type { Style } from "../output/style.ts";
import { type FleetLogLine, mergeLines, type PlacedLine } from "./fleet-log-line.ts";
import type { LogNews } from "./follow-target.ts";
import type { LogTarget } from "./log-targets.ts";
import { fleetLogText } from "./log-text.ts";
import { targetName, toMissing } from "./read-target.ts";

export interface FollowPrinterOptions {
  readonly io: Pick<Io, "stdout" | "stderr">;
  readonly style: Style;
  readonly isJsonLines: boolean;
  /** How many lines to begin with, of all together. */
  readonly lines: number;
  /** How a host is called. */
  readonly nameOf: (line: Pick<FleetLogLine, "tenant_id" | "host">) => string;
}

/** Prints logs that are followed: first the last lines of all by time, then each line as it comes. */
export class FollowPrinter {
  readonly #options: FollowPrinterOptions;
  /** What came before everybody has told what was there; undefined: that is printed. */
  #beginning: PlacedLine[][] | undefined = [];

  constructor(options: FollowPrinterOptions) {
    this.#options = options;
  }

  /** Prints the beginning, by time. Whoever has not told by then is printed as it comes. */
  begin(): void {
    const beginning = this.#beginning;
    this.#beginning = undefined;
    if (beginning) for (const { line } of mergeLines(beginning, this.#options.lines)) this.#print(line);
  }

  show(target: LogTarget, news: LogNews): void {
    switch (news.kind) {
      case "lines":
        if (this.#beginning) this.#keep([...news.lines]);
        else for (const { line } of news.lines) this.#print(line);
        return;
      case "gap":
        return this.#mark(target, { type: "gap", missed: news.missed, restarted: news.isRestarted }, gapText(news));
      case "lost":
        return this.#say(target, { type: "lost", ...codeOf(target, news.error) }, `${news.error.message}; it is tried again`);
      case "back":
        return this.#say(target, { type: "back" }, "is read again");
      case "caught-up":
        return;
      default:
        return news satisfies never;
    }
  }

  /** Says that a log is not followed any more. */
  end(target: LogTarget, error: MosaicError): void {
    this.#say(target, { type: "ended", ...codeOf(target, error) }, `is not followed: ${error.message}`);
  }

  // Of what came before the beginning is printed, no more is kept than will be, however much a daemon writes meanwhile.
  #keep(lines: PlacedLine[]): void {
    this.#beginning?.push(lines);
    if ((this.#beginning?.length ?? 0) > MOST_PIECES) this.#beginning = [mergeLines(this.#beginning ?? [], this.#options.lines)];
  }

  #print(line: FleetLogLine): void {
    const { io, style, isJsonLines, nameOf } = this.#options;
    io.stdout.write(isJsonLines ? `${safeJson({ type: "line", ...line })}\n` : fleetLogText(line, nameOf(line), style));
  }

  // A gap is a part of what was asked for: whoever reads the lines has to see where some are missing.
  #mark(target: LogTarget, json: object, text: string): void {
    const { io, style, isJsonLines } = this.#options;
    if (isJsonLines) io.stdout.write(`${safeJson({ ...json, ...whose(target) })}\n`);
    else io.stdout.write(`${style("attention", `--- ${plainText(targetName(target))}: ${text}`)}\n`);
  }

  #say(target: LogTarget, json: object, text: string): void {
    const { io, isJsonLines } = this.#options;
    if (isJsonLines) io.stdout.write(`${safeJson({ ...json, ...whose(target) })}\n`);
    else io.stderr.write(`mosaic: ${plainText(`${targetName(target)}: ${text}`)}\n`);
  }
}

const MOST_PIECES = 64;

function gapText({ missed, isRestarted }: { readonly missed: number; readonly isRestarted: boolean }): string {
  const count = missed > 0 ? `${missed} ${missed === 1 ? "line is" : "lines are"} missing here` : "";
  const restarted = isRestarted ? "it was started anew; what it said last before that may be missing here" : "";
  return [restarted, count].filter((part) => part !== "").join("; ");
}

function whose(target: LogTarget): object {
  const daemon = target.aggregatorId === "" ? "node" : "aggregator";
  return { tenant_id: target.tenantId, host: target.host, daemon };
}

function codeOf(target: LogTarget, error: MosaicError): object {
  const { code, detail } = toMissing(target, error);
  return { code, detail };
}
