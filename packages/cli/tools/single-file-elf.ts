/** ELF64, little endian: sizes and offsets of what is read and written here. */
const fileHeaderBytes = 64;
const programHeaderBytes = 56;
const pageBytes = 0x10000;
const segment = { load: 1, note: 4, table: 6 } as const;
const readable = 4;

/** Adds a note to a 64-bit ELF program, in a loaded segment of its own at the end, where the program finds it by its program headers
 *  (PT_NOTE). What lies behind the last loaded segment (symbols, debug data, section headers) is left out: nothing that runs reads it.
 *  The table of program headers has no room for more and moves into the new segment. This is what `postject` does for Node's single
 *  executables, which has had no release for years.
 *  @param name of the note, ASCII
 *  @returns the new program
 *  @throws Error for a file of another kind */
export function withElfNote(program: Buffer, name: string, content: Uint8Array): Buffer {
  const headers = readProgramHeaders(program);
  const loads = headers.filter(({ type }) => type === segment.load);
  const base = Math.min(...loads.map((each) => each.address - each.offset));
  const usedBytes = Math.max(...loads.map((each) => each.offset + each.fileBytes));
  const usedAddress = Math.max(...loads.map((each) => each.address + each.memoryBytes));
  // At the same distance from its place in the file as the first segment: older kernels reckon so where the table is.
  const offset = roundUp(Math.max(usedBytes, usedAddress - base), pageBytes);
  const tableBytes = (headers.length + 2) * programHeaderBytes;
  const note = toNote(name, content);
  const place = (at: number, bytes: number) => ({ offset: at, address: base + at, fileBytes: bytes, memoryBytes: bytes });
  const own = { flags: readable, align: pageBytes };
  const kept = headers.map((each) => (each.type === segment.table ? { ...each, ...place(offset, tableBytes) } : each));
  const lastLoad = kept.findLastIndex(({ type }) => type === segment.load);
  const table = kept.toSpliced(lastLoad + 1, 0, { ...own, type: segment.load, ...place(offset, tableBytes + note.length) });
  table.push({ ...own, type: segment.note, ...place(offset + tableBytes, note.length), align: 4 });
  const made = Buffer.concat([program.subarray(0, usedBytes), Buffer.alloc(offset - usedBytes), ...table.map(toBytes), note]);
  made.writeBigUInt64LE(BigInt(offset), 0x20);
  made.writeUInt16LE(table.length, 0x38);
  // No section headers.
  made.writeBigUInt64LE(0n, 0x28);
  made.fill(0, 0x3c, 0x40);
  return made;
}

interface ProgramHeader {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly fileBytes: number;
  readonly memoryBytes: number;
  readonly align: number;
}

function readProgramHeaders(program: Buffer): readonly ProgramHeader[] {
  const isElf64 =
    program.length > fileHeaderBytes && program.readUInt32BE(0) === 0x7f454c46 && program[4] === 2 && program[5] === 1;
  if (!isElf64) throw new Error("cannot add a note: this is no 64-bit little-endian ELF program");
  const start = Number(program.readBigUInt64LE(0x20));
  return Array.from({ length: program.readUInt16LE(0x38) }, (_, index) => {
    const at = start + index * programHeaderBytes;
    const long = (offset: number) => Number(program.readBigUInt64LE(at + offset));
    const [type, flags] = [program.readUInt32LE(at), program.readUInt32LE(at + 4)];
    return { type, flags, offset: long(8), address: long(16), fileBytes: long(32), memoryBytes: long(40), align: long(48) };
  });
}

function toBytes(header: ProgramHeader): Buffer {
  const bytes = Buffer.alloc(programHeaderBytes);
  bytes.writeUInt32LE(header.type, 0);
  bytes.writeUInt32LE(header.flags, 4);
  const { offset, address, fileBytes, memoryBytes, align } = header;
  for (const [index, value] of [offset, address, address, fileBytes, memoryBytes, align].entries()) {
    bytes.writeBigUInt64LE(BigInt(value), 8 + 8 * index);
  }
  return bytes;
}

/** A note: three sizes, its name and what it says, each padded to four bytes. */
function toNote(name: string, content: Uint8Array): Buffer {
  const nameBytes = Buffer.from(`${name}\0`, "ascii");
  const note = Buffer.alloc(12 + roundUp(nameBytes.length, 4) + roundUp(content.length, 4));
  note.writeUInt32LE(nameBytes.length, 0);
  note.writeUInt32LE(content.length, 4);
  nameBytes.copy(note, 12);
  note.set(content, 12 + roundUp(nameBytes.length, 4));
  return note;
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
