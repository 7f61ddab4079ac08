/** Says which file system of a network a folder is on, without asking it: one that hangs would not answer.
 *  @param path absolute
 *  @param mounts text of `/proc/self/mountinfo` (proc_pid_mountinfo(5)); undefined: not on this system
 *  @returns its type, for example `nfs4`; undefined: it is of this machine, or can't be told */
export function networkMountOf(path: string, mounts: string | undefined): string | undefined {
  let best: { readonly point: string; readonly type: string } | undefined;
  for (const line of (mounts ?? "").split("\n")) {
    const [before = "", after = ""] = line.split(" - ");
    const point = unescaped(before.split(" ")[4] ?? "");
    const type = after.split(" ")[0] ?? "";
    const holds = point === "/" || path === point || path.startsWith(`${point}/`);
    // Of several at one point the last one mounted is seen.
    if (point !== "" && holds && point.length >= (best?.point.length ?? 0)) best = { point, type };
  }
  return best && NETWORK.test(best.type) ? best.type : undefined;
}

// FUSE alone says nothing: containers use it for the machine's own disk.
const NETWORK =
  /^(nfs\d?|cifs|smb\w*|afs|ceph|9p|lustre|gpfs|glusterfs|fuse\.(sshfs|glusterfs|ceph|s3fs|rclone|juicefs|davfs\w*))$/;

// Blanks and the like are written as octal numbers.
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_whole, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
