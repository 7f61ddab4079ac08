/** The one algorithm of keys and signatures in a fleet. */
export const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** Clocks of two hosts may differ: a certificate holds from so long before it was made, in ms. */
export const BACKDATED_MS = 5 * 60_000;
