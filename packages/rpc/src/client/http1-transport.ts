import type { DescMethod } from "@bufbuild/protobuf";
import type { Interceptor, Transport } from "@connectrpc/connect";
import { FleetService } from "@mosaic/wire";
import type { HttpExchange } from "./http1-exchange.ts";
import { http1Stream } from "./http1-stream.ts";
import { http1Unary } from "./http1-unary.ts";

/** What a transport of the Connect protocol over HTTP/1.1 is made of. */
export interface Http1TransportOptions {
  readonly exchange: HttpExchange;
  readonly interceptors: Interceptor[];
  /** Largest message that is read, in bytes. */
  readonly readMaxBytes: number;
  /** Carries every other call. */
  readonly others: () => Transport;
}

const { info, list, watch } = FleetService.method;
/** The calls that are made of every host of a fleet, and all of them only read. Others may rely on one overtaking none that was made
 *  before it, which a connection for each can't promise. */
const CARRIED = new Set<DescMethod>([info, list, watch]);

/** Makes a transport that speaks Connect with binary messages over HTTP/1.1, for the reads of a fleet. It does what the library's
 *  own does, less what makes that one dear where there are a thousand (docs/adr/0021). */
export function http1Transport(options: Http1TransportOptions): Transport {
  const { others } = options;
  const unary = http1Unary(options);
  const stream = http1Stream(options);
  return {
    unary(method, signal, timeoutMs, header, message, contextValues) {
      if (!CARRIED.has(method)) return others().unary(method, signal, timeoutMs, header, message, contextValues);
      return unary(method, signal, timeoutMs, header, message, contextValues);
    },
    stream(method, signal, timeoutMs, header, message, contextValues) {
      if (!CARRIED.has(method)) return others().stream(method, signal, timeoutMs, header, message, contextValues);
      return stream(method, signal, timeoutMs, header, message, contextValues);
    },
  };
}
