import { fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Interceptor, Transport } from "@connectrpc/connect";
import { errorFromJsonBytes, requestHeader, validateResponse } from "@connectrpc/connect/protocol-connect";
import { type HttpAnswer, type HttpExchange, toHeaders } from "./http1-exchange.ts";
import { unaryCaller } from "./unary-caller.ts";

export interface Http1UnaryOptions {
  readonly exchange: HttpExchange;
  readonly interceptors: readonly Interceptor[];
  /** Largest answer that is read, in bytes. */
  readonly readMaxBytes: number;
}

/** Makes the calls with one answer of a transport that speaks Connect over HTTP/1.1. */
export function http1Unary({ exchange, interceptors, readMaxBytes }: Http1UnaryOptions): Transport["unary"] {
  return unaryCaller({
    interceptors,
    headerOf: (timeoutMs, header) => requestHeader("unary", true, timeoutMs, header, false),
    async ask({ service, method, message, header, signal }) {
      const path = `/${service.typeName}/${method.name}`;
      const answer = await exchange.ask(path, header, toBinary(method.input, message), signal, readMaxBytes);
      assertAnswered(answer);
      const told = { stream: false, service, method, message: fromBinary(method.output, answer.body) } as const;
      // Hardly anybody reads them, and each costs as much as the message.
      return {
        ...told,
        get header() {
          return toHeaders(answer.headers);
        },
        get trailer() {
          return new Headers();
        },
      };
    },
  });
}

/** @throws ConnectError what the server says instead of an answer, or that it does not speak Connect */
function assertAnswered({ status, headers, body }: HttpAnswer): void {
  if (status === 200 && headers["content-type"] === "application/proto") return;
  const header = toHeaders(headers);
  const { isUnaryError, unaryError } = validateResponse("unary", true, status, header);
  if (isUnaryError) throw errorFromJsonBytes(body, header, unaryError);
}
