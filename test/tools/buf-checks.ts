import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root, runSteps, runTool, type ToolResult } from "./run-tool.ts";

const baseline = "proto/baseline.binpb";

/** Builds the contract's image: only our own files, without comments, so that it changes only with the contract. */
function buildImage(path: string): Promise<ToolResult> {
  return runTool("buf", ["build", "--path", "proto/mosaic", "--exclude-source-info", "--output", path]);
}

/** Makes the contract as it stands the one that later changes are held against. To be done when a version is released. */
export function updateBaseline(): Promise<ToolResult> {
  return buildImage(baseline);
}

/** Says whether the contract still serves those who were built against the baseline. The comparison is of two images: given
 *  the folder itself, buf fails for another reason (two modules against one), which looks like a find. */
export async function checkBreaking(): Promise<ToolResult> {
  if (!existsSync(join(root, baseline))) {
    return { code: 1, output: `there is no ${baseline}; to make it, type: npm run check -- --update-baseline\n` };
  }
  mkdirSync(join(root, ".cache"), { recursive: true });
  const folder = mkdtempSync(join(root, ".cache", "breaking-"));
  const image = join(folder, "now.binpb");
  try {
    return await runSteps(
      () => buildImage(image),
      () => runTool("buf", ["breaking", image, "--against", baseline]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Counts our own .proto files that buf sees. */
export async function countProtoFiles(): Promise<number> {
  const { code, output } = await runTool("buf", ["ls-files"]);
  return code === 0 ? output.split("\n").filter((path) => path.startsWith("proto/mosaic/")).length : 0;
}
