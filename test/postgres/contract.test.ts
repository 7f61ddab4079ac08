/** What every store promises, kept by a real PostgreSQL. */
import { after, before, describe, test } from "node:test";
import { leaseStoreCases, membershipStoreCases, messageStoreCases } from "@mosaic/testkit";
import { emptyDatabase } from "./empty-database.ts";
import { postgresObstacle, startPostgres, type TestPostgres } from "./start-postgres.ts";

const obstacle = postgresObstacle();
let server: TestPostgres;

before(async () => {
  if (obstacle === undefined) server = await startPostgres();
});
after(async () => {
  if (obstacle === undefined) await server[Symbol.asyncDispose]();
});

describe("in PostgreSQL", { skip: obstacle ?? false }, () => {
  for (const { name, run } of membershipStoreCases) {
    test(`membership: ${name}`, async (context) => {
      const { gate, open } = await emptyDatabase(server, context);
      await run({
        open: async () => (await open()).openMembership(),
        isShared: true,
        setWritable: (isWritable) => gate.setOpen(isWritable),
      });
    });
  }

  for (const { name, run } of leaseStoreCases) {
    test(`leases: ${name}`, async (context) => {
      const { open } = await emptyDatabase(server, context);
      await run({ open: async () => (await open()).leases });
    });
  }

  for (const { name, run } of messageStoreCases) {
    test(`messages: ${name}`, async (context) => {
      const { gate, open } = await emptyDatabase(server, context);
      await run({
        open: async (limits = {}) => (await open({ limits })).messages,
        setWritable: (isWritable) => gate.setOpen(isWritable),
      });
    });
  }
});
