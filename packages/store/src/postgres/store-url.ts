import { MosaicError } from "@mosaic/core";

/** Where a database is. */
export interface StoreUrl {
  /** With everything that connecting needs; may hold a password, so it goes into no log and no error. */
  readonly url: string;
  /** The same for people: without password and settings. */
  readonly shown: string;
}

/** Where Debian's PostgreSQL has its socket; libpq there looks in it too when no host is given. */
const SOCKET_FOLDER = "/var/run/postgresql";
const SETTINGS = ["host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey"];
/** Stands where the URL names no host, since a URL with a user must have one. */
const NO_HOST = "no-host.invalid";

/** Parses what `--store` names: `postgres://user@host:5432/database`, or `postgres://user@/database?host=/var/run/postgresql`.
 *  Off loopback the server must prove who it is (`sslmode=verify-full`).
 *  @throws MosaicError USAGE, NOT_ALLOWED; never with the text itself, in which a password may be */
export function parseStoreUrl(text: string): StoreUrl {
  const url = toUrl(text);
  if (!["postgres:", "postgresql:"].includes(url.protocol)) throw usage("does not begin with postgres://");
  const strange = [...url.searchParams.keys()].find((name) => !SETTINGS.includes(name));
  if (strange !== undefined) throw usage(`has the setting "${strange}"; it may have ${SETTINGS.join(", ")}`);
  if (url.pathname.length < 2) throw usage("names no database");
  const named = url.hostname === NO_HOST ? "" : decodeURIComponent(url.hostname);
  const host = url.searchParams.get("host") ?? (named === "" ? SOCKET_FOLDER : named);
  assertSafe(host, url.searchParams.get("sslmode"));
  url.searchParams.set("host", host.replace(/^\[|\]$/g, ""));
  return { url: url.href, shown: show(url, host) };
}

function toUrl(text: string): URL {
  const complete = text.replace(/^(postgres(?:ql)?:\/\/[^/]*@)\//i, `$1${NO_HOST}/`).replace(/^(\w+:\/\/)\//, `$1${NO_HOST}/`);
  const url = URL.parse(complete);
  if (url === null) throw usage("is no URL");
  return url;
}

function assertSafe(host: string, sslmode: string | null): void {
  if (host.startsWith("/") || /^(localhost|127(\.\d+){3}|\[?::1\]?)$/.test(host)) return;
  if (sslmode === "verify-full") return;
  throw new MosaicError(
    "NOT_ALLOWED",
    `the database on ${host} is off this machine, and nothing proves that it is the one meant`,
    {
      hint: "add ?sslmode=verify-full to the URL, and sslrootcert=FILE where its authority is your own",
    },
  );
}

function show(url: URL, host: string): string {
  const user = url.username === "" ? "" : `${url.username}@`;
  const port = url.searchParams.get("port") ?? url.port;
  if (host.startsWith("/")) return `postgres://${user}${url.pathname}?host=${host}${port === "" ? "" : `&port=${port}`}`;
  return `postgres://${user}${host}${port === "" ? "" : `:${port}`}${url.pathname}`;
}

function usage(what: string): MosaicError {
  return new MosaicError("USAGE", `the URL of the store ${what}`, {
    hint: "postgres://mosaic@localhost:5432/mosaic, with the password in PGPASSFILE or PGPASSWORD",
  });
}
