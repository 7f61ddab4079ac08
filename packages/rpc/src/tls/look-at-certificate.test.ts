import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { ada, certificateGuard, node, serveTls, testFleet } from "./fleet-for-tests.ts";
import { lookAtCertificate } from "./look-at-certificate.ts";

const codeOf = async (work: Promise<unknown>) =>
  await work.then(
    () => "none",
    (thrown) => MosaicError.from(thrown).code,
  );

test("the certificate of who answers is told, and who is not believed is refused before anything is told", async () => {
  await using stack = new AsyncDisposableStack();
  const fleet = await testFleet();
  const identity = await fleet.sourceOf(node);
  const { endpoint } = await serveTls(stack, { tls: { identity }, guard: certificateGuard(fleet) });
  const certificate = await lookAtCertificate(endpoint, { identity: await fleet.sourceOf(ada) }, 5000);
  assert.equal(certificate.subjectAltName, "URI:spiffe://acme/tenant/team-a/host/h-1/node");
  assert.ok(Date.parse(certificate.validTo) > Date.now());
  const stranger = { identity: await (await testFleet()).sourceOf(ada) };
  assert.equal(await codeOf(lookAtCertificate(endpoint, stranger, 5000)), "IDENTITY_REFUSED");
});

test("where nobody listens, that is said", async () => {
  const identity = await (await testFleet()).sourceOf(ada);
  const nowhere = { kind: "tls", hostname: "127.0.0.1", port: 9 } as const;
  assert.equal(await codeOf(lookAtCertificate(nowhere, { identity }, 5000)), "NOT_SERVED");
});
