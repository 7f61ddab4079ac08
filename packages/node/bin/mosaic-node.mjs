#!/usr/bin/env node
import { launch } from "../../cli/bin/launch.mjs";

await launch({
  bundle: new URL("../../cli/dist/mosaic-node.mjs", import.meta.url),
  source: new URL("../src/daemon.ts", import.meta.url),
});
