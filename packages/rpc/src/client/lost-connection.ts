import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { toConnectError } from "../error-mapping.ts";
import { mapMessages } from "../map-messages.ts";
import { refusalOf } from "../tls/refusal-of.ts";

/** Makes a connection that broke, or could not be made, what it is to a caller: UNAVAILABLE. The library has other names for
 *  it: CANCELED, because Node closes the streams of a broken connection with that code; ABORTED for a reset; INTERNAL for
 *  whatever else the system says, such as ENOENT for a socket that is not there. What the caller itself ended stays so; that who
 *  answers is not believed is UNAUTHENTICATED. */
export const lostConnectionInterceptor: Interceptor = (next) => async (request) => {
  const told = (thrown: unknown): unknown => {
    const refusal = refusalOf(thrown);
    if (refusal) return toConnectError(refusal);
    if (request.signal.aborted || !(thrown instanceof ConnectError) || !isLoss(thrown)) return thrown;
    return new ConnectError(`the connection broke: ${thrown.rawMessage}`, Code.Unavailable, thrown.metadata, undefined, thrown);
  };
  try {
    const response = await next(request);
    return response.stream ? { ...response, message: mapMessages(response.message, { onError: told }) } : response;
  } catch (thrown) {
    throw told(thrown);
  }
};

function isLoss({ code, cause }: ConnectError): boolean {
  return (
    code === Code.Canceled || code === Code.Aborted || (code === Code.Internal && cause instanceof Error && "syscall" in cause)
  );
}
