import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTool } from "../run-tool.ts";
import { anchorOf, markdownTable, pageHead, paragraphs } from "./page-tools.ts";
import {
  type FieldJson,
  type FileJson,
  type MessageJson,
  type ServiceJson,
  SourceComments,
  type TypeJson,
} from "./proto-source.ts";

/** The page of the contract, from the comments in its files. */
export async function protoReference(): Promise<string> {
  const files = await readContract();
  const sections = files.map((file) => fileSection(file, new SourceComments(file)));
  return paragraphs(
    pageHead("The contract: `mosaic.fleet.v1`", "proto/mosaic/fleet/v1"),
    "One service, served alike by a node and by an aggregator, over Connect, gRPC and gRPC-Web. In JSON, fields are in camelCase and 64-bit numbers are strings.",
    ...sections.map(({ services }) => services),
    ...sections.map(({ types }) => types),
  );
}

async function readContract(): Promise<FileJson[]> {
  const folder = mkdtempSync(join(tmpdir(), "mosaic-contract-"));
  try {
    const path = join(folder, "contract.json");
    const { code, output } = await runTool("buf", [
      "build",
      "--path",
      "proto/mosaic",
      "--as-file-descriptor-set",
      "--output",
      path,
    ]);
    if (code !== 0) throw new Error(`buf can't build the contract:\n${output}`);
    const { file } = JSON.parse(readFileSync(path, "utf8")) as { file: FileJson[] };
    return file.filter(({ name }) => name.startsWith("mosaic/")).sort((a, b) => (a.name < b.name ? -1 : 1));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fileSection(file: FileJson, comments: SourceComments): { services: string; types: string } {
  const services = (file.service ?? []).map((service, index) => serviceSection(service, [6, index], comments));
  const messages = (file.messageType ?? []).map((message, index) => messageSection(message, [4, index], comments));
  const enums = (file.enumType ?? []).map((each, index) => {
    const rows = (each.value ?? []).map((value, at) => [
      `\`${value.name}\``,
      String(value.number ?? 0),
      comments.at([5, index, 2, at]),
    ]);
    return paragraphs(`### ${each.name}`, comments.at([5, index]), markdownTable(["value", "number", "meaning"], rows));
  });
  const heading = `## ${file.name.replace(/^.*\//, "")}`;
  const types = [...messages, ...enums];
  return { services: services.join("\n"), types: types.length > 0 ? paragraphs(heading, ...types) : "" };
}

function serviceSection(service: ServiceJson, path: readonly number[], comments: SourceComments): string {
  const rows = (service.method ?? []).map((method, index) => [
    `\`${method.name}\``,
    typeLink(method.inputType),
    `${method.serverStreaming ? "stream of " : ""}${typeLink(method.outputType)}`,
    comments.at([...path, 2, index]),
  ]);
  return paragraphs(
    `## ${service.name}`,
    comments.paragraphsAt(path),
    markdownTable(["method", "takes", "answers with", "what it does"], rows),
  );
}

function messageSection(message: MessageJson, path: readonly number[], comments: SourceComments): string {
  const mapEntries = new Map(
    (message.nestedType ?? []).filter((nested) => nested.options?.mapEntry).map((nested) => [nested.name, nested]),
  );
  const rows = (message.field ?? []).map((field, index) => [
    `\`${field.name}\``,
    String(field.number),
    fieldType(field, mapEntries),
    comments.at([...path, 2, index]),
  ]);
  const fields = markdownTable(["field", "number", "type", "meaning"], rows);
  return paragraphs(`### ${message.name}`, comments.paragraphsAt(path), fields === "" ? "No fields." : fields);
}

function fieldType(field: FieldJson, mapEntries: ReadonlyMap<string, MessageJson>): string {
  const [key, value] = mapEntries.get(shortName(field.typeName ?? ""))?.field ?? [];
  if (key && value) return `map of ${plainType(key)} to ${plainType(value)}`;
  if (field.label === "LABEL_REPEATED") return `list of ${plainType(field)}`;
  const isOneof = field.oneofIndex !== undefined && !field.proto3Optional;
  return `${field.proto3Optional ? "optional " : ""}${plainType(field)}${isOneof ? ", one of" : ""}`;
}

function plainType(field: TypeJson): string {
  return field.typeName ? typeLink(field.typeName) : field.type.replace(/^TYPE_/, "").toLowerCase();
}

function typeLink(typeName: string): string {
  const name = shortName(typeName);
  return `[${name}](#${anchorOf(name)})`;
}

function shortName(typeName: string): string {
  return typeName.slice(typeName.lastIndexOf(".") + 1);
}
