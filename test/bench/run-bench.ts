/** Runs every benchmark, or those named, each in a process of its own, and prints one line of JSON per figure. */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

const wanted = process.argv.slice(2);
const all = readdirSync(import.meta.dirname).filter((file) => file.endsWith(".bench.ts"));
const chosen = all.filter((file) => wanted.length === 0 || wanted.some((name) => file.startsWith(name)));
if (chosen.length === 0) {
  console.error(
    `no benchmark is called ${wanted.join(", ")}; there are: ${all.map((file) => file.replace(".bench.ts", "")).join(", ")}`,
  );
  process.exit(2);
}
let failed = 0;
for (const file of chosen) {
  const child = spawn(process.execPath, [join(import.meta.dirname, file)], { stdio: ["ignore", "inherit", "inherit"] });
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  if (code !== 0) {
    failed += 1;
    console.error(`${file} failed with ${code}`);
  }
}
process.exit(failed === 0 ? 0 : 1);
