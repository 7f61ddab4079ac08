import type { FleetChange } from "@mosaic/core";
import { toPsHost } from "../fleet/ps-host.ts";
import { toPsItem } from "../fleet/ps-item.ts";
import { hostReading, rowJson } from "./feed-answer.ts";
import type { FeedStep, FleetFeed } from "./fleet-feed.ts";

const SCHEMA = "mosaic.fleet.watch/1";

/** One step of a feed as JSON lines: each change, and after a snapshot a line that says it is whole. Ages are as of now. */
export function* watchLines(step: FeedStep, feed: FleetFeed, nowMs: number): Iterable<object> {
  if (step.kind === "lost") {
    yield { schema: SCHEMA, type: "lost", detail: step.detail, retry_in_ms: step.retryInMs };
    return;
  }
  for (const change of step.changes) yield { schema: SCHEMA, ...changeLine(change, feed, nowMs) };
  if (!step.isSnapshot) return;
  yield {
    schema: SCHEMA,
    type: "snapshot_end",
    via: feed.via,
    host_count: feed.state.hostCount,
    item_count: feed.state.rowCount,
  };
}

function changeLine(change: FleetChange, feed: FleetFeed, nowMs: number): object {
  switch (change.kind) {
    case "host":
      return { type: "host", ...toPsHost(hostReading(feed, change.status, nowMs)) };
    case "upsert": {
      const host = feed.state.host(change.row);
      return { type: "upsert", ...toPsItem(rowJson(change.row), host && hostReading(feed, host, nowMs)) };
    }
    case "delete":
      return { type: "delete", tenant_id: change.key.tenantId, host_id: change.key.hostId, name: change.key.name };
    case "host-removed":
      return { type: "host_removed", tenant_id: change.key.tenantId, host_id: change.key.hostId, host: change.key.host };
    default:
      return change satisfies never;
  }
}
