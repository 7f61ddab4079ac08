import { MosaicError } from "../errors.ts";

/** Where a FleetService is served. */
export type Endpoint =
  | { readonly kind: "unix"; readonly path: string }
  /** Plain text, so loopback only. */
  | { readonly kind: "tcp"; readonly hostname: string; readonly port: number }
  /** TLS with certificates of the fleet on both sides; any address. */
  | { readonly kind: "tls"; readonly hostname: string; readonly port: number };

/** Parses `unix:/path`, `/path`, `https://host:port`, `http://host:port` or `host:port`.
 *  @throws MosaicError USAGE for anything else, NOT_ALLOWED for plain text to another machine than this one. */
export function parseEndpoint(text: string): Endpoint {
  if (text.startsWith("unix:") || text.startsWith("/")) return unixEndpoint(text.replace(/^unix:(\/\/)?/, ""), text);
  const match = /^(https?:\/\/)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+):(\d{1,5})\/?$/.exec(text);
  const [, scheme, name = "", digits = ""] = match ?? [];
  const port = Number(digits);
  if (!match || port > 65535) throw notAnEndpoint(text);
  const hostname = name.replace(/^\[|\]$/g, "");
  if (scheme === "https://") return { kind: "tls", hostname, port };
  if (!isLoopback(hostname)) {
    throw new MosaicError("NOT_ALLOWED", `refusing plain text to ${text}: it is not a loopback address`, {
      hint: `write https://${text.replace(/^http:\/\//, "")}: with an identity of the fleet Mosaic talks TLS to any address`,
    });
  }
  return { kind: "tcp", hostname, port };
}

/** Writes an endpoint as `parseEndpoint` reads it. */
export function formatEndpoint(endpoint: Endpoint): string {
  if (endpoint.kind === "unix") return `unix:${endpoint.path}`;
  return `${endpoint.kind === "tls" ? "https" : "http"}://${authorityOf(endpoint)}`;
}

/** `host:port` as a URL has it, for example `[::1]:80`. */
export function authorityOf({ hostname, port }: Exclude<Endpoint, { kind: "unix" }>): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
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
    hint: "write unix:/path/to.sock, http://127.0.0.1:8787 or https://host:8443",
  });
}
