import { connect } from "node:net";

/** Long enough for a listener on this machine, in ms; one that does not accept in that time is there all the same. */
const CONNECT_MS = 500;

/** Says whether somebody listens on a TCP address of this machine, by connecting to it: nothing is ever in a daemon's way by that. */
export function isListening(hostname: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    // A wildcard is nobody's address: who listens on it answers on loopback.
    const host = hostname === "0.0.0.0" ? "127.0.0.1" : hostname === "::" ? "::1" : hostname;
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const settle = (isThere: boolean) => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once("connect", () => settle(true));
    socket.once("timeout", () => settle(true));
    socket.once("error", () => settle(false));
  });
}
