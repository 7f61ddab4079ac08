/** What every store promises, kept by a real PostgreSQL. */
import { describe, test } from "node:test";
import { leaseStoreCases, membershipStoreCases, messageStoreCases } from "@mosaic/testkit";
import { emptyDatabase } from "./empty-database.ts";
import { sharedPostgres } from "./shared-postgres.ts";

const postgres = sharedPostgres();

describe("in PostgreSQL", { skip: postgres.skip }, () => {
  for (const { name, run } of membershipStoreCases) {
    test(`membership: ${name}`, async (context) => {
      const { gate, open } = await emptyDatabase(postgres.server, context);
      await run({
        open: async () => (await open()).openMembership(),
        isShared: true,
        setWritable: (isWritable) => gate.setOpen(isWritable),
      });
    });
  }

  for (const { name, run } of leaseStoreCases) {
    test(`leases: ${name}`, async (context) => {
      const { open } = await emptyDatabase(postgres.server, context);
      await run({ open: async () => (await open()).leases });
    });
  }

  for (const { name, run } of messageStoreCases) {
    test(`messages: ${name}`, async (context) => {
      const { gate, open } = await emptyDatabase(postgres.server, context);
      await run({
        open: async (limits = {}) => (await open({ limits })).messages,
        setWritable: (isWritable) => gate.setOpen(isWritable),
      });
    });
  }
});
