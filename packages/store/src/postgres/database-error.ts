import { MosaicError } from "@mosaic/core";

/** Whether a commit that failed may have been one nevertheless. */
const doubtful = new WeakSet<Error>();

/** True when nobody knows whether what failed with this error was committed. */
export function isDoubtful(thrown: unknown): boolean {
  return thrown instanceof Error && doubtful.has(thrown);
}

export interface FailedWork {
  /** For people: `store a message`. */
  readonly what: string;
  /** The database, without secrets. */
  readonly shown: string;
  readonly isDoubtful?: boolean;
}

/** Makes what `pg` or the system threw the error of who can't write or read. The server's DETAIL is left out: it may quote rows. */
export function toStoreError(thrown: unknown, { what, shown, isDoubtful: isInDoubt = false }: FailedWork): MosaicError {
  if (thrown instanceof MosaicError) return thrown;
  const doubt = isInDoubt ? "; whether it was is not known" : "";
  const error = new MosaicError("STORE_UNAVAILABLE", `cannot ${what} in the database ${shown}: ${reasonOf(thrown)}${doubt}`, {
    hint: isInDoubt ? "do it again under the same id: it is not done twice" : hintOf(thrown),
  });
  if (isInDoubt) doubtful.add(error);
  return error;
}

interface DatabaseFault {
  readonly code?: string;
  readonly message: string;
  readonly errors?: readonly Error[];
}

function reasonOf(thrown: unknown): string {
  const { code, message, errors = [] } = thrown as DatabaseFault;
  const known = SYSTEM_REASONS[code ?? ""];
  if (known !== undefined) return known;
  const said = [message, ...errors.map((error) => error.message)].filter(Boolean).join(", ").replaceAll(/\s+/g, " ");
  return code === undefined || code === "" ? said : `${said} (${code})`;
}

const SYSTEM_REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens there",
  ENOENT: "nobody listens there",
  ECONNRESET: "the connection broke",
  EPIPE: "the connection broke",
  ETIMEDOUT: "no answer",
};

function hintOf(thrown: unknown): string {
  const { code = "" } = thrown as DatabaseFault;
  if (code.startsWith("28")) return "check user and password: PGPASSFILE or PGPASSWORD, as for psql";
  if (code === "42501") return "let its user make the schema mosaic: GRANT CREATE ON DATABASE … TO …";
  if (code === "3D000") return "make the database: createdb";
  return "it is tried again by itself; look at the server: pg_isready";
}
