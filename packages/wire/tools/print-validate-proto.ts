/** Writes proto/buf/validate/validate.proto from the descriptor that the protovalidate package carries, so that buf and
 *  foreign compilers can read our constraints without a schema registry. Options are left out: they hold the rules'
 *  own CEL programs, which every protovalidate runtime brings itself. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  type DescriptorProto,
  type EnumDescriptorProto,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";
import { file_buf_validate_validate } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";

const file = file_buf_validate_validate.proto;
const scalarNames = new Map<number, string>(
  Object.entries(Type).flatMap(([name, value]) => (typeof value === "number" ? [[value, name.toLowerCase()]] : [])),
);

function typeOf(field: FieldDescriptorProto): string {
  return field.typeName ? field.typeName.replace(/^\./, "") : (scalarNames.get(field.type) ?? "bytes");
}

function printField(field: FieldDescriptorProto, pad: string, inOneof: boolean): string {
  const label =
    field.label === Label.REPEATED ? "repeated " : inOneof ? "" : field.label === Label.REQUIRED ? "required " : "optional ";
  return `${pad}${label}${typeOf(field)} ${field.name} = ${field.number};\n`;
}

function printEnum(type: EnumDescriptorProto, pad: string): string {
  return `${pad}enum ${type.name} {\n${type.value.map((v) => `${pad}  ${v.name} = ${v.number};\n`).join("")}${pad}}\n`;
}

function printMessage(type: DescriptorProto, pad: string): string {
  const inner = `${pad}  `;
  let text = `${pad}message ${type.name} {\n`;
  for (const nested of type.enumType) text += printEnum(nested, inner);
  for (const nested of type.nestedType) text += printMessage(nested, inner);
  for (const field of type.field)
    if (field.oneofIndex === undefined || isProto3Optional(field)) text += printField(field, inner, false);
  type.oneofDecl.forEach((oneof, index) => {
    const members = type.field.filter((f) => hasOneofIndex(f) && f.oneofIndex === index);
    if (members.length === 0) return;
    text += `${inner}oneof ${oneof.name} {\n${members.map((f) => printField(f, `${inner}  `, true)).join("")}${inner}}\n`;
  });
  for (const range of type.extensionRange)
    text += `${inner}extensions ${range.start} to ${range.end >= 536870911 ? "max" : range.end - 1};\n`;
  for (const range of type.reservedRange)
    text += `${inner}reserved ${range.start}${range.end - 1 > range.start ? ` to ${range.end - 1}` : ""};\n`;
  if (type.reservedName.length) text += `${inner}reserved ${type.reservedName.map((n) => `"${n}"`).join(", ")};\n`;
  return `${text}${pad}}\n`;
}

function hasOneofIndex(field: FieldDescriptorProto): boolean {
  return Object.hasOwn(field, "oneofIndex") && !field.proto3Optional;
}
function isProto3Optional(field: FieldDescriptorProto): boolean {
  return field.proto3Optional || !Object.hasOwn(field, "oneofIndex");
}

let text = `// Printed by packages/wire/tools/print-validate-proto.ts from @bufbuild/protovalidate (Apache-2.0, Buf Technologies).\n// Do not edit: run \`npm run generate\`.\nsyntax = "${file.syntax || "proto2"}";\n\npackage ${file.package};\n\n`;
for (const dependency of file.dependency) text += `import "${dependency}";\n`;
text += "\n";
const extensions = Map.groupBy(file.extension, (e) => e.extendee);
for (const [extendee, fields] of extensions) {
  text += `extend ${extendee.replace(/^\./, "")} {\n${fields.map((f) => printField(f, "  ", false)).join("")}}\n\n`;
}
for (const type of file.enumType) text += `${printEnum(type, "")}\n`;
for (const type of file.messageType) text += `${printMessage(type, "")}\n`;
const target = join(import.meta.dirname, "../../../proto/buf/validate/validate.proto");
mkdirSync(dirname(target), { recursive: true });
writeFileSync(target, `${text.trimEnd()}\n`);
