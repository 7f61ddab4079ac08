import assert from "node:assert/strict";
import { test } from "node:test";
import { resourceAttributes } from "./resource-attributes.ts";

const of = (env: Record<string, string>) =>
  resourceAttributes({ serviceName: "mosaic-node", env, attributes: { "mosaic.host": "alpha" } });

test("the standard variables go before what a program says of itself, and a service's own name before all", () => {
  assert.deepEqual(of({}), { "service.name": "mosaic-node", "mosaic.host": "alpha" });
  assert.deepEqual(of({ OTEL_RESOURCE_ATTRIBUTES: "service.name=x, mosaic.host=b%20c ,k=a=b,,bad" }), {
    "service.name": "x",
    "mosaic.host": "b c",
    k: "a=b",
  });
  assert.equal(of({ OTEL_RESOURCE_ATTRIBUTES: "service.name=x", OTEL_SERVICE_NAME: "y" })["service.name"], "y");
});

test("attributes that can't be decoded are dropped as a whole, and nothing fails", () => {
  assert.deepEqual(of({ OTEL_RESOURCE_ATTRIBUTES: "a=1,b=%zz" }), { "service.name": "mosaic-node", "mosaic.host": "alpha" });
});
