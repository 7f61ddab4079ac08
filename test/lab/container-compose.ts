import { basename, join } from "node:path";
import { getContainerRuntimeClient } from "testcontainers";
import { runToEnd } from "../mesh/run-program.ts";

/** What became of a command in a container. */
export interface ContainerCommandEnd {
  readonly exitCode: number;
  readonly stdout: string;
  /** Both streams. */
  readonly output: string;
}

/** A project of Docker Compose. Disposing takes its containers, networks and volumes away. */
export interface ComposedFleet extends AsyncDisposable {
  /** Builds the image of a service, of these files of the folder. */
  build(files: readonly string[], service: string): Promise<void>;
  /** Brings services up. Images that are not there are built. */
  up(files: readonly string[], services: readonly string[]): Promise<void>;
  /** Runs a command in a container of a service's making that is gone when it ends, with the service's volumes.
   *  @returns its standard output */
  run(files: readonly string[], service: string, ...command: string[]): Promise<string>;
  /** Runs a command in a service's container, as its own user. */
  exec(service: string, ...command: string[]): Promise<ContainerCommandEnd>;
  /** The id of a service's container. */
  idOf(service: string): Promise<string>;
  /** How the engine's health checks find each service that has one: `starting`, `healthy`, `unhealthy`. */
  health(): Promise<ReadonlyMap<string, string>>;
}

/** Finds Docker Compose: the plugin of `docker`, else the program of its own that Debian 12 has.
 *  @returns undefined when there is neither */
export async function composeProgram(): Promise<readonly [string, ...string[]] | undefined> {
  for (const argv of [["docker", "compose"], ["docker-compose"]] as const) {
    const { exitCode } = await runToEnd([...argv, "version"], { env: environment({}) });
    if (exitCode === 0) return argv;
  }
  return undefined;
}

export interface ComposeOptions {
  readonly program: readonly [string, ...string[]];
  /** Where the files are. */
  readonly folder: string;
  /** What the files' variables mean. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Names a project of this process; nothing runs before `up`. */
export function composedFleet({ program, folder, variables }: ComposeOptions): ComposedFleet {
  const project = `mosaic-test-${process.pid}-${basename(folder)}`;
  let files: readonly string[] = [];
  const compose = async (...args: string[]) => {
    const named = files.flatMap((name) => ["--file", join(folder, name)]);
    const env = environment(variables);
    const end = await runToEnd([...program, "--project-name", project, ...named, ...args], { env, timeoutMs: 110_000 });
    if (end.exitCode !== 0) throw new Error(`compose ${args.join(" ")}: exit ${end.exitCode}\n${end.stdout}${end.stderr}`);
    return end.stdout;
  };
  const containers = async () => {
    const { dockerode } = (await getContainerRuntimeClient()).container;
    const label = [`com.docker.compose.project=${project}`, "com.docker.compose.oneoff=False"];
    const found = await dockerode.listContainers({ all: true, filters: { label } });
    return new Map(found.map((each) => [each.Labels["com.docker.compose.service"] ?? "", each]));
  };
  const fleet: ComposedFleet = {
    async build(wanted, service) {
      files = wanted;
      await compose("build", service);
    },
    async up(wanted, services) {
      files = wanted;
      await compose("up", "--detach", ...services);
    },
    async run(wanted, service, ...command) {
      files = wanted;
      return await compose("run", "--rm", "-T", service, ...command);
    },
    async exec(service, ...command) {
      const { container } = await getContainerRuntimeClient();
      return container.exec(container.getById(await fleet.idOf(service)), command);
    },
    async idOf(service) {
      const id = (await containers()).get(service)?.Id;
      if (id === undefined) throw new Error(`${project} has no container of ${service}`);
      return id;
    },
    async health() {
      const found = [...(await containers())].map(([name, { Status }]) => [name, /\((?:health: )?(\w+)\)$/.exec(Status)?.[1]]);
      return new Map(found.flatMap(([name, health]) => (name && health ? [[name, health]] : [])));
    },
    async [Symbol.asyncDispose]() {
      if (files.length > 0) await compose("down", "--volumes", "--remove-orphans", "--timeout", "5");
    },
  };
  return fleet;
}

function environment(variables: Readonly<Record<string, string>>): Record<string, string> {
  const { PATH = "/usr/sbin:/usr/bin:/sbin:/bin", HOME = "/", DOCKER_HOST } = process.env;
  return { PATH, HOME, ...(DOCKER_HOST === undefined ? {} : { DOCKER_HOST }), ...variables };
}
