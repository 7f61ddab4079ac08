// Given to node with --import: writes the URL of every module that is loaded to the file that MOSAIC_TEST_LOADED names.
import { appendFileSync } from "node:fs";
import { registerHooks } from "node:module";

const path = process.env.MOSAIC_TEST_LOADED;
if (!path) throw new Error("MOSAIC_TEST_LOADED is not set");
registerHooks({
  load(url, context, nextLoad) {
    appendFileSync(path, `${url}\n`);
    return nextLoad(url, context);
  },
});
