import type { Log } from "@mosaic/core/light";

export type TelemetryEnvironment = Readonly<Record<string, string | undefined>>;

export interface TelemetryOptions {
  /** `service.name` of what is traced, unless OTEL_SERVICE_NAME says otherwise. */
  readonly serviceName: string;
  readonly env: TelemetryEnvironment;
  /** Added to the resource: tenant, host, role. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Where it is told that something can't be sent. Absent: nowhere, as a command's own words come first. */
  readonly log?: Pick<Log, "warn"> | undefined;
  /** Longest that one sending may take, in ms, whatever the environment says. Default 10 s. */
  readonly maxExportMs?: number;
}
