import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { isMapping } from "../text/json-values.ts";
import { ROSTER_SCHEMA } from "./roster-schema.ts";

const schemaFile = new URL("../../../../framework/fleet/roster.schema.json", import.meta.url);

test("the shipped schema is the one the parser checks with", () => {
  const hint = "run: node packages/core/tools/print-roster-schema.ts > framework/fleet/roster.schema.json";
  assert.deepEqual(JSON.parse(readFileSync(schemaFile, "utf8")), JSON.parse(JSON.stringify(ROSTER_SCHEMA)), hint);
});

test("the shipped schema is itself valid, and any other validator may use it", () => {
  const ajv = new Ajv2020({ strictTypes: false, strictTuples: false, allowUnionTypes: true });
  assert.equal(ajv.validateSchema(ROSTER_SCHEMA), true, JSON.stringify(ajv.errors));
  const validate = ajv.compile(ROSTER_SCHEMA);
  assert.equal(
    validate({ version: 1, transport: "tmux", agents: [{ name: "a", runtime: "stub", workingDirectory: "/" }] }),
    true,
  );
  assert.equal(
    validate({ version: 1, transport: "tmux", agents: [{ name: "a", runtime: "stub", workingdirectory: "/" }] }),
    false,
  );
});

test("the schema's keys are the ones the specification lists, those for systemd and recordings, and their twins", () => {
  const keys = (schema: unknown): string[] =>
    isMapping(schema) && isMapping(schema.properties) ? Object.keys(schema.properties) : [];
  const at = (...path: string[]): unknown =>
    path.reduce<unknown>((value, key) => (isMapping(value) ? value[key] : undefined), ROSTER_SCHEMA);
  assert.deepEqual(keys(ROSTER_SCHEMA), [
    "version",
    "transport",
    "tenant",
    "host",
    "tmux",
    "hardening",
    "defaults",
    "runtimes",
    "agents",
  ]);
  assert.deepEqual(keys(at("properties", "tmux")), ["socket_name", "holder_session", "socketName", "holderSession"]);
  assert.deepEqual(keys(at("properties", "defaults")), ["working_directory", "limits", "workingDirectory"]);
  assert.deepEqual(keys(at("properties", "runtimes")), ["claude", "codex", "opencode", "pi", "stub", "command"]);
  assert.deepEqual(keys(at("properties", "agents", "items")), [
    ...["name", "runtime", "class", "lifecycle", "working_directory", "model_hint", "kickstart_template", "persistent_persona"],
    ...[
      "reset_between_tasks",
      "limits",
      "recording",
      "command",
      "workingDirectory",
      "modelHint",
      "kickstartTemplate",
      "persistentPersona",
      "resetBetweenTasks",
    ],
  ]);
});
