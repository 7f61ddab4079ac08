/** The least that watching many hosts can cost: one bare `node:http` request to each, every frame decoded and dropped. Arguments
 *  are the folder of the sockets and the hosts' names, comma-separated. Tells its parent when every host has sent a bookmark. */
import { request } from "node:http";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { WatchRequestSchema, WatchResponseSchema } from "@mosaic/wire";

const [folder = "", names = ""] = process.argv.slice(2);
const HEAD_BYTES = 5;

function watch(socketPath: string): Promise<void> {
  const message = toBinary(WatchRequestSchema, create(WatchRequestSchema, { bookmarkIntervalMs: 3000 }));
  const body = Buffer.concat([Buffer.alloc(HEAD_BYTES), message]);
  body.writeUInt32BE(message.length, 1);
  const headers = { "content-type": "application/connect+proto", "content-length": body.length };
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const call = request({ socketPath, method: "POST", path: "/mosaic.fleet.v1.FleetService/Watch", headers }, (reply) => {
    let held: Buffer = Buffer.alloc(0);
    reply.on("data", (piece: Buffer) => {
      held = held.length > 0 ? Buffer.concat([held, piece]) : piece;
      while (held.length >= HEAD_BYTES) {
        const end = HEAD_BYTES + held.readUInt32BE(1);
        if (held.length < end) break;
        if (fromBinary(WatchResponseSchema, held.subarray(HEAD_BYTES, end)).frame.case === "bookmark") resolve();
        held = held.subarray(end);
      }
    });
  });
  call.on("error", reject).end(body);
  return promise;
}

for (const name of names.split(",")) await watch(`${folder}/${name}.sock`);
process.send?.("watching");
process.on("disconnect", () => process.exit(0));
