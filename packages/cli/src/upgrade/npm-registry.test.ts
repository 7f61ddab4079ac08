import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { fetchPackage, lookUpVersion, type NpmWorld } from "./npm-registry.ts";

function npm(answer: { stdout?: string; stderr?: string; exitCode?: number }): NpmWorld & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    async runTool({ argv, cwd }) {
      asked.push(`${cwd}: ${argv.join(" ")}`);
      return { stdout: "", stderr: "", exitCode: 0, ...answer };
    },
    ...{ env: {}, cwd: "/home/ada", signal: new AbortController().signal },
  };
}

test("the user's npm is asked, in the user's home, which version a tag is", async () => {
  const world = npm({ stdout: '"1.2.3"\n' });
  assert.equal(await lookUpVersion("latest", world), "1.2.3");
  assert.deepEqual(world.asked, ["/home/ada: npm view mosaic-fleet@latest version --json --loglevel=error"]);
  assert.equal(await lookUpVersion("next", npm({ stdout: '["1.2.3","1.3.0"]' })), "1.3.0");
});

test("npm's failure is told in its own words, with the ways that need no registry", async () => {
  const stderr = "npm error code ENOTFOUND\nnpm error network request to http://127.0.0.1:1/mosaic-fleet failed\n";
  await assert.rejects(lookUpVersion("latest", npm({ stderr, exitCode: 1 })), (error: Error & { hint?: string }) => {
    assert.equal(
      error.message,
      "npm does not know mosaic-fleet@latest: network request to http://127.0.0.1:1/mosaic-fleet failed",
    );
    assert.match(error.hint ?? "", /mosaic upgrade \.\/mosaic-fleet-<version>\.tgz ; .*mosaic rollback/);
    return true;
  });
  await assert.rejects(lookUpVersion("latest", npm({ stdout: "" })), { code: "MACHINE", message: /told no version/ });
});

test("a registry that says nothing is named, with the ways that need none", async () => {
  const silent = { ...npm({}), runTool: () => Promise.reject(new MosaicError("DEADLINE", '"npm" did not end within 30000 ms')) };
  await assert.rejects(lookUpVersion("latest", silent), (error: Error & { hint?: string }) => {
    assert.equal(error.message, "npm had no answer of its registry about mosaic-fleet@latest within 30 s");
    assert.match(error.hint ?? "", /mosaic rollback/);
    return true;
  });
});

test("npm puts the package where it is told to, and runs none of its scripts", async () => {
  const world = npm({ stdout: '[{"filename":"mosaic-fleet-1.2.3.tgz"}]' });
  assert.equal(await fetchPackage("1.2.3", "/tmp/here", world), "/tmp/here/mosaic-fleet-1.2.3.tgz");
  assert.match(world.asked[0] ?? "", /npm pack mosaic-fleet@1\.2\.3 --json --ignore-scripts .*--pack-destination \/tmp\/here$/);
});
