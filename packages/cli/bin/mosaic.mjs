#!/usr/bin/env node
import { launch } from "./launch.mjs";

await launch({
  bundle: new URL("../dist/mosaic.mjs", import.meta.url),
  source: new URL("../src/main.ts", import.meta.url),
});
