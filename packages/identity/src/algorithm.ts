/** The one algorithm of keys and signatures in a fleet. */
export const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
