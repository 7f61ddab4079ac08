/** Plays every story in this folder: one test for each file. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { parseStory } from "./story.ts";
import { runStory } from "./story-runner.ts";
import { StoryStages } from "./story-stages.ts";

const files = globSync("*.story", { cwd: import.meta.dirname }).sort();

describe("stories", { timeout: 180_000 }, () => {
  const stages = new StoryStages();
  after(() => stages[Symbol.asyncDispose]());

  test("are there", () => assert.ok(files.length >= 12, `only ${files.length}`));

  for (const file of files) {
    test(file, { timeout: 90_000 }, async () => {
      const story = parseStory(readFileSync(join(import.meta.dirname, file), "utf8"), file);
      await runStory(story, await stages.get(story.fleet), file);
    });
  }
});
