"""A collector of OTLP over gRPC, by OpenTelemetry's own contract and gRPC's own server.

usage: otlp-collector.py [CERTIFICATE KEY]

With a certificate and its key it listens with TLS and asks callers for that very certificate. It writes one JSON object a line: first
its port, then each request. A caller's `x-test` says how it is answered: `fail-once` (UNAVAILABLE for the first), `refuse`, `hang`.
"""

import json
import sys
import threading
from concurrent import futures

import grpc
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

GONE = threading.Event()
FAILED = set()
WRITING = threading.Lock()


def tell(fields):
    with WRITING:
        print(json.dumps(fields), flush=True)


def take(signal, request, context, response):
    metadata = {key: value for key, value in context.invocation_metadata() if isinstance(value, str)}
    tell({"signal": signal, "metadata": metadata, "request": MessageToDict(request), "size": request.ByteSize()})
    manner = metadata.get("x-test", "")
    if manner == "refuse":
        context.abort(grpc.StatusCode.PERMISSION_DENIED, "not you")
    if manner == "hang":
        GONE.wait(30)
    if manner == "fail-once" and signal not in FAILED:
        FAILED.add(signal)
        context.abort(grpc.StatusCode.UNAVAILABLE, "not yet")
    return response


class Traces(trace_service_pb2_grpc.TraceServiceServicer):
    def Export(self, request, context):
        return take("traces", request, context, trace_service_pb2.ExportTraceServiceResponse())


class Metrics(metrics_service_pb2_grpc.MetricsServiceServicer):
    def Export(self, request, context):
        return take("metrics", request, context, metrics_service_pb2.ExportMetricsServiceResponse())


def main():
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(Traces(), server)
    metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server(Metrics(), server)
    if len(sys.argv) == 3:
        certificate, key = (open(path, "rb").read() for path in sys.argv[1:])
        credentials = grpc.ssl_server_credentials([(key, certificate)], certificate, require_client_auth=True)
        port = server.add_secure_port("127.0.0.1:0", credentials)
    else:
        port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    tell({"port": port})
    server.wait_for_termination()


main()
