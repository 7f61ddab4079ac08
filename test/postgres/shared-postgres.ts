import { after, before } from "node:test";
import { postgresObstacle, startPostgres, type TestPostgres } from "./start-postgres.ts";

/** The server of all tests of one file. */
export interface SharedPostgres {
  /** Why they are skipped; false: they are not. */
  readonly skip: string | false;
  /** There from the first test on. */
  readonly server: TestPostgres;
}

/** Starts a server before the first test of the file that calls this, and removes it after the last. */
export function sharedPostgres(): SharedPostgres {
  const obstacle = postgresObstacle();
  let server: TestPostgres | undefined;
  before(async () => {
    if (obstacle === undefined) server = await startPostgres();
  });
  after(() => server?.[Symbol.asyncDispose]());
  return {
    skip: obstacle ?? false,
    get server() {
      if (server === undefined) throw new Error("the server starts before the first test, and not earlier");
      return server;
    },
  };
}
