// The library resolves its parts by metadata of decorators.
import "reflect-metadata";
import { cryptoProvider } from "@peculiar/x509";

cryptoProvider.set(globalThis.crypto);

/** The one algorithm of keys and signatures in a fleet. */
export const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

export * from "@peculiar/x509";
