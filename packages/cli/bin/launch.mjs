// Plain JavaScript without dependencies: what must run on the Node that a machine happens to have, before one of ours. Nothing is
// imported at its head: an import of node:fs alone, which loads all that it offers, is a sixth of the start of a bare Node.

/** The oldest Node that Mosaic itself runs on. */
const neededNodeMajor = 24;

/** Set while a program is started a second time on another Node, so that a wrong one there ends in words, not in a loop. */
const hopVariable = "MOSAIC_NODE_HOP";

/** Says whether this process is new enough, and forgets how it was started. */
export function isNodeNewEnough() {
  if (Number.parseInt(process.versions.node, 10) < neededNodeMajor) return false;
  delete process.env[hopVariable];
  return true;
}

/** Imports a program: its bundle when it was built, else its source, on a Node that is new enough.
 *  @param {{ bundle: URL, source: URL }} program
 *  @returns {Promise<void>} after the program's module ran, or ends the process with the exit code of the other Node. */
export async function launch({ bundle, source }) {
  if (isNodeNewEnough()) {
    const { existsSync } = process.getBuiltinModule("node:fs");
    await import((existsSync(bundle) ? bundle : source).href);
    return;
  }
  const [{ dirname }, { fileURLToPath }] = await Promise.all([import("node:path"), import("node:url")]);
  await rerunOnNewerNode(dirname(fileURLToPath(import.meta.url)), process.argv.slice(1));
}

/** Starts the program again on the Node that npm installed in a folder above `from`, and ends as that ends.
 *  @param {string} from
 *  @param {readonly string[]} args script and arguments
 *  @returns {Promise<never>} */
export async function rerunOnNewerNode(from, args) {
  const [{ spawn }, { constants }, { join, sep }] = await Promise.all(
    ["node:child_process", "node:os", "node:path"].map((name) => import(name)),
  );
  const node = await findUpwards(from, join("node_modules", ".bin", "node"));
  if (node === undefined || process.env[hopVariable]) {
    const found = node === undefined ? "no other was found" : `so is the one at ${node}`;
    return fail(
      `this is Node.js ${process.versions.node}, ${found}`,
      `install Node.js ${neededNodeMajor}, or ${wayToGetNode(from, sep)}`,
    );
  }
  const child = spawn(node, args, { stdio: "inherit", env: { ...process.env, [hopVariable]: "1" } });
  passSignalsOn(child);
  return new Promise(() => {
    child.on("error", (error) => fail(`${node}: ${error.message}`, `install Node.js ${neededNodeMajor}`));
    child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
  });
}

/** A Node comes with the packages of a clone, and with the published package unless somebody left out what is optional. */
function wayToGetNode(from, sep) {
  const isInstalled = from.includes(`${sep}node_modules${sep}`);
  return isInstalled ? "install this package again with: npm install --include=optional" : "type: npm ci";
}

/** Keeps this process alive until its child ends. A Ctrl-C reaches the child by itself, as both are in the terminal's
 *  foreground group: passing it on too would look like a second, impatient one. */
function passSignalsOn(child) {
  const hasTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  process.on("SIGINT", () => hasTerminal || child.kill("SIGINT"));
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
}

async function findUpwards(from, path) {
  const [{ existsSync }, { dirname, join }] = await Promise.all([import("node:fs"), import("node:path")]);
  const found = join(from, path);
  if (existsSync(found)) return found;
  return dirname(from) === from ? undefined : findUpwards(dirname(from), path);
}

function fail(problem, hint) {
  process.stderr.write(`mosaic: needs Node.js ${neededNodeMajor} or newer: ${problem}\nhint: ${hint}\n`);
  process.exit(1);
}
