// Two that talk over one TCP connection: `chatter.mjs listen PORT` and `chatter.mjs connect ADDRESS PORT`. Each says the time, in
// milliseconds, every 25 ms, and prints each time that it hears. One machine's hosts have one clock, so a listener can tell what was said when.
import { connect, createServer } from "node:net";
import { createInterface } from "node:readline";

const [role, ...where] = process.argv.slice(2);

function talk(socket) {
  // Waiting for an answer before the next small packet would keep back what a one-way cut still lets through.
  socket.setNoDelay(true);
  setInterval(() => socket.write(`${Date.now()}\n`), 25);
  createInterface({ input: socket }).on("line", (line) => process.stdout.write(`${line}\n`));
}

if (role === "listen") createServer(talk).listen(Number(where[0]), () => process.stdout.write("listening\n"));
else {
  const socket = connect(Number(where[1]), where[0]);
  socket.on("connect", () => talk(socket));
}
