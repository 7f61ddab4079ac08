import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { eventually } from "@mosaic/testkit";
import { Client } from "pg";

const run = promisify(execFile);
const INSTALLED = "/usr/lib/postgresql";
const USER = "mosaic";

/** A PostgreSQL server of a test: its data and its socket are in a private folder. Disposing ends and removes it. */
export interface TestPostgres extends AsyncDisposable {
  /** Where its socket is. */
  readonly folder: string;
  readonly password: string;
  /** Makes an empty database.
   *  @returns its URL, with the password */
  createDatabase(): Promise<string>;
  /** Ends it at once, as a crash of the machine would. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Says why no server can be started here; undefined: one can. Tests skip by what it says. */
export function postgresObstacle(): string | undefined {
  if (serverPrograms() === undefined) return "needs a PostgreSQL server: apt-get install postgresql";
  if (process.getuid?.() === 0 && unprivilegedUser() === undefined) return "needs a user that is not root";
  return undefined;
}

/** Starts a server that listens on a Unix socket alone. */
export async function startPostgres(): Promise<TestPostgres> {
  const programs = serverPrograms();
  if (programs === undefined) throw new Error(postgresObstacle());
  const folder = mkdtempSync(join(tmpdir(), "mosaic-pg-"));
  const password = randomBytes(12).toString("hex");
  const as = process.getuid?.() === 0 ? unprivilegedUser() : undefined;
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "data"), { mode: 0o700 });
  writeFileSync(join(folder, "password"), password);
  if (as) for (const path of [folder, join(folder, "data"), join(folder, "password")]) chownSync(path, as.uid, as.gid);
  const options = { ...as, cwd: folder, env: { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" } };
  const setUp = ["-D", join(folder, "data"), "-U", USER, "-A", "scram-sha-256", "-E", "UTF8", "--no-locale", "--no-sync"];
  await run(join(programs, "initdb"), [...setUp, `--pwfile=${join(folder, "password")}`], options);
  const server = new Server(join(programs, "postgres"), folder, options);
  await server.start();
  let databases = 0;
  const urlOf = (database: string) => `postgres://${USER}:${password}@/${database}?host=${encodeURIComponent(folder)}`;
  return {
    folder,
    password,
    async createDatabase() {
      databases += 1;
      const client = new Client({ connectionString: urlOf("postgres") });
      await client.connect();
      await client.query(`CREATE DATABASE test_${databases}`).finally(() => client.end());
      return urlOf(`test_${databases}`);
    },
    stop: () => server.stop(),
    start: () => server.start(),
    async [Symbol.asyncDispose]() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The server's process, which stays in the foreground. */
class Server {
  readonly #program: string;
  readonly #folder: string;
  readonly #options: object;
  #ended: Promise<void> | undefined;
  #kill = () => {};

  constructor(program: string, folder: string, options: object) {
    this.#program = program;
    this.#folder = folder;
    this.#options = options;
  }

  async start(): Promise<void> {
    const settings = [
      "listen_addresses=",
      `unix_socket_directories=${this.#folder}`,
      "max_connections=60",
      "shared_buffers=16MB",
    ];
    const args = ["-D", join(this.#folder, "data"), ...settings.flatMap((setting) => ["-c", setting])];
    const child = spawn(this.#program, args, { ...this.#options, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said = `${said}${chunk.toString()}`.slice(-10_000);
    });
    let isGone = false;
    this.#ended = new Promise((resolve) =>
      child.once("close", () => {
        isGone = true;
        resolve();
      }),
    );
    // SIGQUIT: at once, without a last checkpoint.
    this.#kill = () => void child.kill("SIGQUIT");
    await eventually(
      "PostgreSQL is ready",
      () => {
        if (isGone) throw new Error(`PostgreSQL ended: ${said}`);
        return /ready to accept connections/.test(said);
      },
      60_000,
    );
  }

  async stop(): Promise<void> {
    this.#kill();
    await this.#ended;
  }
}

/** The newest version that Debian installed. */
function serverPrograms(): string | undefined {
  if (!existsSync(INSTALLED)) return undefined;
  const versions = readdirSync(INSTALLED).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(INSTALLED, version, "bin")).find((folder) => existsSync(join(folder, "initdb")));
}

// PostgreSQL refuses to run as root.
function unprivilegedUser(): { uid: number; gid: number } | undefined {
  const users = readFileSync("/etc/passwd", "utf8").split("\n");
  const line = ["postgres", "nobody"].map((name) => users.find((user) => user.startsWith(`${name}:`))).find(Boolean);
  const [, , uid, gid] = line?.split(":") ?? [];
  return uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}
