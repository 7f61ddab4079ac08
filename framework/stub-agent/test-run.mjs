// Runs a program in this terminal and writes its exit status to a file: tmux 3.3a now and then never learns of a child's
// end, so that its own `pane_dead_status` stays empty. Arguments: the file, the program, the program's arguments.
import { spawnSync } from "node:child_process";
import { renameSync, writeFileSync } from "node:fs";

const [file = "", program = "", ...args] = process.argv.slice(2);
const { status } = spawnSync(program, args, { stdio: "inherit" });
writeFileSync(`${file}.new`, String(status));
renameSync(`${file}.new`, file);
