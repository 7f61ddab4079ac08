// Plain JavaScript without dependencies: runs on Node 18, before anything is installed.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { withLock } from "./exclusive-lock.mjs";

/** `npm ci` as it is wanted everywhere: whole (also under NODE_ENV=production), quiet, and without packages' own scripts,
 *  which nothing here needs. Warnings are off because npm still runs on the machine's own Node and would complain of it. */
const npmArguments = [
  "ci",
  "--include=dev",
  "--include=optional",
  "--ignore-scripts",
  "--no-audit",
  "--no-fund",
  "--loglevel=error",
];

/** Installs the packages that package-lock.json names, unless they are there.
 *  @param {string} root folder of the clone
 *  @param {(line: string) => void} say progress, for a person
 *  @param {{ isTTY?: boolean, write(text: string): unknown }} terminal where a line shows that it goes on, if it is a terminal
 *  @returns {Promise<void>}
 *  @throws {Error} with what npm printed, when npm fails. */
export async function installIfNeeded(root, say, terminal = process.stderr) {
  const stampPath = join(root, "node_modules", ".mosaic-install");
  const wanted = installFingerprint(root);
  if (readIfThere(stampPath) === wanted) return;
  const onWait = (owner) => say(`waiting for another install (${owner})`);
  await withLock(join(root, ".cache", "install.lock"), onWait, async () => {
    if (readIfThere(stampPath) === wanted) return;
    if (!isInstalled(root)) await npmInstall(root, say, terminal);
    writeFileSync(stampPath, wanted);
  });
}

/** Names what has to be installed: changes with any package.json, the lock file and the platform. */
function installFingerprint(root) {
  const manifests = readdirSync(join(root, "packages")).map((room) => join("packages", room, "package.json"));
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}\n`);
  for (const path of ["package-lock.json", "package.json", ".npmrc", ...manifests.sort()]) {
    hash.update(`${path}\n${readIfThere(join(root, path)) ?? "-"}\n`);
  }
  return hash.digest("hex");
}

/** Says whether npm's own record of node_modules equals the lock file, as after an `npm ci` typed by hand. */
function isInstalled(root) {
  const [there, wanted] = [join(root, "node_modules", ".package-lock.json"), join(root, "package-lock.json")].map((path) => {
    const text = readIfThere(path);
    return text === undefined ? undefined : JSON.parse(text).packages;
  });
  if (there === undefined || wanted === undefined) return false;
  const isMissing = ([key, entry]) =>
    key !== "" && there[key]?.version !== entry.version && !isForAnotherPlatform(entry, there[key]);
  return !Object.entries(wanted).some(isMissing) && !Object.keys(there).some((key) => wanted[key] === undefined);
}

// What is optional and names no platform belongs to a build for another one (WebAssembly's helpers do).
function isForAnotherPlatform(entry, installed) {
  if (!entry.optional || installed !== undefined) return false;
  const includes = (list, own) => list !== undefined && [list].flat().includes(own);
  // Which C library this is can't be told cheaply: of a build for each, one is enough, and npm chose it.
  return !includes(entry.os, process.platform) || !includes(entry.cpu, process.arch) || entry.libc !== undefined;
}

async function npmInstall(root, say, terminal) {
  const startedAtMs = Date.now();
  const wipe = showSeconds("installing packages…", say, terminal);
  const [program, ...before] = npmCommand();
  const { code, output } = await runQuietly(program, [...before, ...npmArguments], root).finally(wipe);
  if (code !== 0) {
    throw new Error(
      `${output.trimEnd()}\ncannot install packages: npm ci ended with ${code}\nhint: check that the package registry answers, then type: npm ci`,
    );
  }
  say(`installed packages in ${Math.round((Date.now() - startedAtMs) / 1000)} s`);
}

/** On a slow network it takes minutes: a terminal is told that it goes on, on one line that is drawn over; elsewhere it is said once.
 *  @returns {() => void} wipes that line away */
function showSeconds(what, say, terminal) {
  if (!terminal.isTTY || process.env.TERM === "dumb") {
    say(what);
    return () => {};
  }
  let seconds = 0;
  const draw = () => terminal.write(`\r\x1b[Kmosaic: ${what} ${seconds++} s`);
  draw();
  const ticking = setInterval(draw, 1000);
  return () => {
    clearInterval(ticking);
    terminal.write("\r\x1b[K");
  };
}

/** The npm that started us, on the Node that it runs on: our own may be the one in node_modules, which is about to go. */
function npmCommand() {
  const { npm_execpath: cli, npm_node_execpath: node } = process.env;
  if (cli && node && basename(cli) === "npm-cli.js" && existsSync(cli) && existsSync(node)) return [node, cli];
  return ["npm"];
}

function runQuietly(program, args, cwd) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const stop = (signal) => child.kill(signal);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
    child.on("error", (error) => resolve({ code: `${program}: ${error.message}`, output }));
    child.on("close", (code, signal) => {
      for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.off(name, stop);
      resolve({ code: code ?? signal, output });
    });
  });
}

function readIfThere(path) {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}
