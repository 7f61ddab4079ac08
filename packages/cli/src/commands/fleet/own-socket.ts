import { createHash } from "node:crypto";
import { basename, dirname } from "node:path";

/** Gives an example roster a tmux socket of its own, for the fleet of one folder: on the default one it would share a server with
 *  this user's other fleet, and take that one's agents for strangers.
 *  @param mosaicHome absolute, `<folder>/.mosaic` */
export function withOwnSocket(text: string, mosaicHome: string): string {
  const name = socketNameOf(mosaicHome);
  const named = /^( +socket_name: )\S+( .*)?$/m;
  if (named.test(text)) return text.replace(named, (_, key) => `${key}${name} # this folder's own`);
  return text.replace(/^transport: tmux\n/m, (line) => `${line}tmux: { socket_name: ${name} } # this folder's own\n`);
}

// The folder's name for people, and of its path what no other folder has.
function socketNameOf(mosaicHome: string): string {
  const folder = basename(dirname(mosaicHome)).replace(/[^A-Za-z0-9_-]/g, "-");
  const mark = createHash("sha256").update(mosaicHome).digest("hex").slice(0, 8);
  return `mosaic-${folder.slice(0, 30)}-${mark}`;
}
