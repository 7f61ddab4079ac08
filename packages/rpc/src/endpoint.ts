import { MosaicError } from "@mosaic/core/light";

/** Where a FleetService is served. */
export type Endpoint =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly hostname: string; readonly port: number };

/** Parses `unix:/path`, `/path`, `http://host:port` or `host:port`.
 *  @throws MosaicError USAGE for anything else, NOT_ALLOWED for plain text to another machine than this one. */
export function parseEndpoint(text: string): Endpoint {
  if (text.startsWith("unix:") || text.startsWith("/")) return unixEndpoint(text.replace(/^unix:(\/\/)?/, ""), text);
  const match = /^(?:http:\/\/)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+):(\d{1,5})\/?$/.exec(text);
  const [, name = "", digits = ""] = match ?? [];
  const port = Number(digits);
  if (!match || port > 65535) throw notAnEndpoint(text);
  const hostname = name.replace(/^\[|\]$/g, "");
  if (!isLoopback(hostname)) {
    throw new MosaicError("NOT_ALLOWED", `refusing plain text to ${text}: it is not a loopback address`, {
      hint: "without an identity Mosaic talks only over loopback and Unix sockets",
    });
  }
  return { kind: "tcp", hostname, port };
}

/** Writes an endpoint as `parseEndpoint` reads it. */
export function formatEndpoint(endpoint: Endpoint): string {
  if (endpoint.kind === "unix") return `unix:${endpoint.path}`;
  return `http://${endpoint.hostname.includes(":") ? `[${endpoint.hostname}]` : endpoint.hostname}:${endpoint.port}`;
}

/** True for addresses that never leave this machine: 127.0.0.0/8, ::1 and `localhost`. */
export function isLoopback(hostname: string): boolean {
  return /^127(\.\d{1,3}){3}$/.test(hostname) || hostname === "::1" || hostname === "localhost";
}

function unixEndpoint(path: string, text: string): Endpoint {
  if (!path.startsWith("/")) throw notAnEndpoint(text);
  return { kind: "unix", path };
}

function notAnEndpoint(text: string): MosaicError {
  return new MosaicError("USAGE", `not an endpoint: ${JSON.stringify(text.slice(0, 200))}`, {
    hint: "write unix:/path/to.sock or http://127.0.0.1:8787",
  });
}
