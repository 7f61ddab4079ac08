import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { GenericContainer, getContainerRuntimeClient } from "testcontainers";
import { temporaryFolder } from "../tools/temporary-folder.ts";

/** The images that take the place of those that no registry gives here. */
export const IMAGES = {
  mosaic: "mosaic-test:local",
  prometheus: "mosaic-test-prometheus:local",
  jaeger: "mosaic-test-jaeger:local",
};

/** Makes an image of Debian's Prometheus that is used as the official one is: its user, its folder, its entry point.
 *  @param bin the folder of `prometheus` and `promtool` */
export async function buildPrometheusImage(baseImage: string, bin: string): Promise<void> {
  const lines = [
    `FROM ${baseImage}`,
    "COPY prometheus promtool /bin/",
    "RUN mkdir /prometheus && chown nobody /prometheus",
    "USER nobody",
    'ENTRYPOINT ["/bin/prometheus"]',
  ];
  await build(IMAGES.prometheus, lines, [join(bin, "prometheus"), join(bin, "promtool")]);
}

/** Makes an image of the Jaeger that Go built: it needs nothing besides. Like the official one it listens on every address. */
export async function buildJaegerImage(binary: string): Promise<void> {
  const flags = [
    "--collector.otlp.enabled=true",
    "--collector.otlp.http.host-port=:4318",
    "--query.http-server.host-port=:16686",
  ];
  const lines = [
    "FROM scratch",
    "COPY jaeger /jaeger",
    "ENV SPAN_STORAGE_TYPE=memory",
    "USER 10001",
    `ENTRYPOINT ${JSON.stringify(["/jaeger", ...flags])}`,
  ];
  await build(IMAGES.jaeger, lines, [binary], "jaeger");
}

/** Removes images, and what builds left behind without a name; one that was not made is no error.
 *  @param baseImage what they were built on, where that was made for it: it goes too */
export async function removeImages(names: readonly string[], baseImage?: string): Promise<void> {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const remove = (name: string) =>
    dockerode
      .getImage(name)
      .remove({ force: true })
      .catch((thrown: { statusCode?: number }) => {
        if (thrown.statusCode !== 404) throw thrown;
      });
  for (const name of names) await remove(name);
  if (baseImage === undefined) return;
  const images = await dockerode.listImages({ all: true });
  const parents = new Map(images.map(({ Id, ParentId }) => [Id, ParentId]));
  const baseId = images.find(({ RepoTags }) => RepoTags?.includes(baseImage))?.Id;
  const isOnBase = (id: string | undefined): boolean => !!id && (id === baseId || isOnBase(parents.get(id)));
  const left = await dockerode.listImages({ filters: { dangling: ["true"] } });
  for (const { Id } of left) if (isOnBase(Id)) await remove(Id);
  await remove(baseImage);
}

/** @param as the file's name in the image's context; default: its own */
async function build(image: string, lines: readonly string[], files: readonly string[], as?: string): Promise<void> {
  using context = temporaryFolder({ Dockerfile: `${lines.join("\n")}\n` });
  for (const file of files) copyFileSync(file, join(context.path, as ?? file.slice(file.lastIndexOf("/") + 1)));
  await GenericContainer.fromDockerfile(context.path).build(image, { deleteOnExit: false });
}
