/** Who of a home an identity is for. A home has one daemon's, and besides that its person's: neither must take the other's for its own. */
export type IdentityRole = "node" | "aggregator" | "user";

/** Where the identity of a home's daemon, or of the person whose home it is, lies: `credentials.pem`, `roots.pem`, `locks.json` and
 *  `enrolment.json`.
 *  @param mosaicHome `$MOSAIC_HOME` */
export function identityFolder(mosaicHome: string, role: IdentityRole): string {
  const folder = `${mosaicHome}/fleet/identity`;
  return role === "user" ? `${folder}/user` : folder;
}
