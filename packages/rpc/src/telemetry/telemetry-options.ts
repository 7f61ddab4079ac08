export type TelemetryEnvironment = Readonly<Record<string, string | undefined>>;

export interface TelemetryOptions {
  /** `service.name` of what is traced, unless OTEL_SERVICE_NAME says otherwise. */
  readonly serviceName: string;
  readonly env: TelemetryEnvironment;
  /** Added to the resource: tenant, host, role. */
  readonly attributes?: Readonly<Record<string, string>>;
}
