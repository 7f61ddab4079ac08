/** Who of a host an identity is for. A home may hold all three, and none must take another's for its own. */
export type IdentityRole = "node" | "aggregator" | "user";

/** Where the identity of a daemon, or of the person whose home it is, lies: `credentials.pem`, `roots.pem`, `locks.json` and
 *  `enrolment.json`.
 *  @param mosaicHome `$MOSAIC_HOME` */
export function identityFolder(mosaicHome: string, role: IdentityRole): string {
  const folder = `${mosaicHome}/fleet/identity`;
  return role === "node" ? folder : `${folder}/${role}`;
}
