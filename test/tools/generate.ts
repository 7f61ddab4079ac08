/** Writes everything in the clone that is made from something else in it (`npm run generate`): code from `proto/`, the
 *  roster's schema, and the reference pages. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { generateInto } from "./generated-code.ts";
import { root, runScript, runSteps } from "./run-tool.ts";

const docsGenerator = join(root, "test/tools/generate-docs.ts");

const { code, output } = await runSteps(
  () => generateInto(root),
  async () => (existsSync(docsGenerator) ? await runScript(docsGenerator) : { code: 0, output: "" }),
);
process.stderr.write(code === 0 ? "generated\n" : `${output}\ncannot generate: a step ended with ${code}\n`);
process.exitCode = code === 0 ? 0 : 1;
