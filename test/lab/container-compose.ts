import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { GenericContainer, getContainerRuntimeClient, Network, type StartedTestContainer, Wait } from "testcontainers";
import { parse } from "yaml";

const folder = join(import.meta.dirname, "../../deploy/compose");

/** What of a compose file these tests can bring up; anything else in it is an error. */
interface ComposeFile {
  readonly name: string;
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks: Readonly<Record<string, object>>;
  readonly volumes: Readonly<Record<string, { driver?: string; driver_opts?: Record<string, string> }>>;
}

interface ComposeService {
  readonly hostname: string;
  readonly command?: string[];
  readonly volumes: readonly string[];
}

const KNOWN_KEYS = ["build", "command", "depends_on", "hostname", "image", "networks", "restart", "volumes"];

/** The services of `deploy/compose/compose.yaml`, running. Disposing removes them, their network and their volumes. */
export interface ComposedFleet extends AsyncDisposable {
  service(name: string): StartedTestContainer;
}

/** Brings the compose file up, with testcontainers in the place of `docker compose`, which not every engine comes with.
 *  @param image takes the place of the image that the file builds */
export async function startComposedFleet(image: string): Promise<ComposedFleet> {
  await using stack = new AsyncDisposableStack();
  const file = readComposeFile();
  const prefix = `mosaic-test-${process.pid}`;
  const { dockerode } = (await getContainerRuntimeClient()).container;
  for (const [name, { driver, driver_opts }] of Object.entries(file.volumes)) {
    const options = { Name: `${prefix}-${name}`, Driver: driver ?? "local", DriverOpts: driver_opts ?? {} };
    await dockerode.createVolume(options);
    stack.defer(() => dockerode.getVolume(options.Name).remove());
  }
  const network = await new Network().start();
  stack.defer(() => network.stop().then(() => {}));
  const started = new Map<string, StartedTestContainer>();
  for (const [name, { hostname, command, volumes }] of Object.entries(file.services)) {
    const wanted = new GenericContainer(image)
      .withHostname(hostname)
      .withNetwork(network)
      .withNetworkAliases(name)
      .withBindMounts(volumes.map((volume) => toMount(volume, file, prefix)))
      .withWaitStrategy(Wait.forLogMessage(/is serving/));
    const container = await (command === undefined ? wanted : wanted.withCommand(command)).start();
    stack.defer(() => container.stop({ timeout: 10_000 }).then(() => {}));
    started.set(name, container);
  }
  const owned = stack.move();
  const service = (name: string) => {
    const found = started.get(name);
    if (found === undefined) throw new Error(`compose.yaml has no service ${name}`);
    return found;
  };
  return { service, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function readComposeFile(): ComposeFile {
  const file = parse(readFileSync(join(folder, "compose.yaml"), "utf8"), { merge: true });
  for (const [name, service] of Object.entries<object>(file.services)) {
    const unknown = Object.keys(service).filter((key) => !KNOWN_KEYS.includes(key));
    if (unknown.length > 0) throw new Error(`compose.yaml: ${name} has ${unknown.join(", ")}, which this test knows nothing of`);
  }
  return file;
}

function toMount(volume: string, file: ComposeFile, prefix: string) {
  const [source = "", target = "", mode = "rw"] = volume.split(":");
  const isNamed = Object.hasOwn(file.volumes, source);
  return {
    source: isNamed ? `${prefix}-${source}` : resolve(folder, source),
    target,
    mode: mode === "ro" ? "ro" : "rw",
  } as const;
}
