// Runs a program in this terminal, then says on the screen how it ended and how it left the terminal, and stays, so that
// both can be looked at. Arguments: the program and its arguments. It outlives a Ctrl-C, which is the program's to take.
import { spawn, spawnSync } from "node:child_process";

const [program = "", ...args] = process.argv.slice(2);
process.on("SIGINT", () => {});
process.stdout.write("before the program\n");
const child = spawn(program, args, { stdio: "inherit" });
child.on("error", (error) => process.stdout.write(`ended: ${error.message}\n`));
child.on("exit", (code, signal) => {
  const { stdout } = spawnSync("stty", ["-a"], { stdio: ["inherit", "pipe", "inherit"], encoding: "utf8" });
  const modes = ["icanon", "echo", "isig"].filter((mode) => ` ${stdout} `.replaceAll(/[;\n]/g, " ").includes(` ${mode} `));
  process.stdout.write(`ended: code=${code} signal=${signal} modes=${modes.join(",")}\n`);
});
setInterval(() => {}, 60_000);
