import { cpSync } from "node:fs";
import { join } from "node:path";
import { packRelease } from "../../packages/cli/tools/pack-release.ts";
import { runToEnd } from "../mesh/run-program.ts";
import { quietEnvironment } from "../observability/quiet-environment.ts";
import { temporaryFolder } from "../tools/temporary-folder.ts";
import { containerBase, IMPORTED_IMAGE } from "./container-base.ts";
import { type ComposedFleet, composedFleet, composeProgram } from "./container-compose.ts";
import { containerEngine } from "./container-engine.ts";
import { IMAGES, removeImages } from "./container-images.ts";

const root = join(import.meta.dirname, "../..");

/** An engine, an image to build on, and Docker Compose. Disposing takes all away that was made with it. */
export interface ContainerLab extends AsyncDisposable {
  readonly baseImage: string;
  /** A copy of `deploy/` with the package of this tree in it, as after `npm run pack -- --out deploy/container`. */
  deploy(): Promise<string>;
  /** A project of the files in a folder; the lab takes it away.
   *  @param more variables of the files, besides what names our images */
  project(folder: string, more?: Readonly<Record<string, string>>): ComposedFleet;
  /** Asks a port that a container publishes on 127.0.0.1 for JSON.
   *  @throws Error while nobody answers */
  published<T>(url: string): Promise<T>;
}

/** Finds all that containers need.
 *  @returns what is missing, where something is */
export async function openContainerLab(): Promise<ContainerLab | { readonly missing: string }> {
  const program = await composeProgram();
  if (program === undefined) return { missing: "neither docker compose nor docker-compose is installed" };
  const engine = await containerEngine();
  if (engine === undefined) return { missing: "no Docker engine answers" };
  await using stack = new AsyncDisposableStack();
  stack.use(engine);
  const baseImage = await containerBase();
  if (baseImage === undefined) return { missing: "debootstrap is not installed" };
  const imported = baseImage === IMPORTED_IMAGE ? baseImage : undefined;
  if (!engine.isOurs) stack.defer(() => removeImages(Object.values(IMAGES), imported));
  const variables = {
    BASE_IMAGE: baseImage,
    MOSAIC_IMAGE: IMAGES.mosaic,
    PROMETHEUS_IMAGE: IMAGES.prometheus,
    JAEGER_IMAGE: IMAGES.jaeger,
  };
  const owned = stack.move();
  return {
    baseImage,
    deploy: async () => {
      const deploy = owned.use(temporaryFolder()).path;
      for (const name of ["container", "compose", "dashboards"]) {
        cpSync(join(root, "deploy", name), join(deploy, name), { recursive: true, filter: (path) => !path.endsWith(".tgz") });
      }
      await packRelease({ root, outputDir: join(deploy, "container") });
      return deploy;
    },
    project: (folder, more = {}) => {
      const project = composedFleet({ program, folder, variables: { ...variables, ...more } });
      return engine.isOurs ? project : owned.use(project);
    },
    async published<T>(url: string) {
      const asking = "fetch(process.argv[1]).then((reply) => reply.text()).then((text) => process.stdout.write(text))";
      const [first = "", ...more] = [...engine.reach, process.execPath, "-e", asking, url];
      const { exitCode, stdout, stderr } = await runToEnd([first, ...more], { env: quietEnvironment() });
      if (exitCode !== 0) throw new Error(`${url}: ${stderr}`);
      return JSON.parse(stdout) as T;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
