import { createSocket } from "node:dgram";

const RECORD_TYPES = { 1: "A", 28: "AAAA", 33: "SRV" } as const;

/** A name server on loopback that knows a few records, by `type name`; for what it does not know it says NXDOMAIN. What the
 *  test changes of the records it answers from then on.
 *  @returns its address, as `ip:port` */
export async function nameServer(stack: AsyncDisposableStack, records: Record<string, readonly Buffer[]>): Promise<string> {
  const socket = createSocket("udp4");
  stack.defer(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  socket.on("message", (question, from) => {
    const end = question.indexOf(0, 12);
    const type = RECORD_TYPES[question.readUInt16BE(end + 1) as keyof typeof RECORD_TYPES];
    const found = records[`${type} ${nameAt(question)}`];
    const header = Buffer.from(question.subarray(0, 12));
    header.writeUInt16BE(found ? 0x8180 : 0x8183, 2);
    header.writeUInt16BE(found?.length ?? 0, 6);
    header.writeUInt16BE(0, 10);
    const answers = (found ?? []).map((data) => {
      const fixed = Buffer.from([0xc0, 12, question[end + 1] ?? 0, question[end + 2] ?? 0, 0, 1, 0, 0, 0, 5, 0, data.length]);
      return Buffer.concat([fixed, data]);
    });
    socket.send(Buffer.concat([header, question.subarray(12, end + 5), ...answers]), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return `127.0.0.1:${socket.address().port}`;
}

function nameAt(message: Buffer): string {
  const labels: string[] = [];
  for (let at = 12; message[at]; at += 1 + (message[at] ?? 0)) {
    labels.push(message.subarray(at + 1, at + 1 + (message[at] ?? 0)).toString());
  }
  return labels.join(".");
}

/** The data of an SRV record. */
export function srvData(priority: number, weight: number, port: number, target: string): Buffer {
  const fixed = Buffer.alloc(6);
  [priority, weight, port].forEach((value, index) => void fixed.writeUInt16BE(value, index * 2));
  return Buffer.concat([
    fixed,
    ...target.split(".").map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.from([0]),
  ]);
}
