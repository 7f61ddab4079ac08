import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { aborted } from "@mosaic/core";
import { FleetService, Health, HealthCheckResponse_ServingStatus as ServingStatus } from "@mosaic/wire";

/** Serves grpc.health.v1 for the whole server (empty name) and for FleetService. It says SERVING for as long as it can
 *  answer; what single hosts do is in `List`. */
export function healthRoutes(router: ConnectRouter): void {
  const known = new Set(["", FleetService.typeName]);
  router.service(Health, {
    check: (request) => {
      if (!known.has(request.service)) throw new ConnectError(`unknown service "${request.service}"`, Code.NotFound);
      return { status: ServingStatus.SERVING };
    },
    list: () => ({ statuses: Object.fromEntries([...known].map((name) => [name, { status: ServingStatus.SERVING }])) }),
    async *watch(request, context) {
      // The protocol asks for one answer at once, and for more only on a change, which here is the end of the stream.
      yield { status: known.has(request.service) ? ServingStatus.SERVING : ServingStatus.SERVICE_UNKNOWN };
      await aborted(context.signal);
    },
  });
}
