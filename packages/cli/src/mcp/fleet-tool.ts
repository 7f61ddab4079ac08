import type { CallOptions, Fleet } from "@mosaic/client";

/** The call of a tool. */
export interface ToolCall extends CallOptions {
  /** Tells whoever waits, in a few words, how far it is. */
  readonly onProgress?: ((text: string) => void) | undefined;
}

/** A tool as a model is shown it, and what it does. */
export interface FleetTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** JSON Schema of the arguments; who calls `run` has checked them by it. */
  readonly inputSchema: ObjectSchema;
  /** True: nothing changes anywhere. False: it may, and a host asks its person before. */
  readonly isReadOnly: boolean;
  /** @throws MosaicError, whose message and hint the model is told */
  readonly run: (args: Readonly<Record<string, unknown>>, fleet: Fleet, call: ToolCall) => Promise<object>;
}

export interface ObjectSchema {
  readonly type: "object";
  readonly properties: Readonly<Record<string, object>>;
  readonly required: readonly string[];
  readonly additionalProperties: false;
}

/** An object's schema.
 *  @param required names of the properties that may not be left out */
export function objectSchema(properties: Readonly<Record<string, object>>, required: readonly string[] = []): ObjectSchema {
  return { type: "object", properties, required, additionalProperties: false };
}
