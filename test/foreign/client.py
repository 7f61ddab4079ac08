"""A gRPC client that shares no line with Mosaic: grpcio, and code generated from the proto files.

usage: client.py GENERATED TARGET COMMAND <REQUEST.json

GENERATED is the folder with the generated modules, TARGET what grpcio takes (unix:/path, 127.0.0.1:8787). Reads the request
as JSON and prints one line of JSON: what was answered, or {"code", "message", "info"} of the error. Exit code 0 in both cases.
"""

import json
import sys
import time

generated, target, command = sys.argv[1:]
sys.path.insert(0, generated)

import grpc  # noqa: E402
from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, json_format, message_factory  # noqa: E402
from grpc_health.v1 import health_pb2, health_pb2_grpc  # noqa: E402
from grpc_reflection.v1alpha import reflection_pb2  # noqa: E402
from mosaic.fleet.v1 import errors_pb2, fleet_service_pb2, fleet_service_pb2_grpc, terminal_pb2, watch_pb2  # noqa: E402

DEADLINE_S = 20


def as_json(message):
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def list_fleet(stub, request):
    return as_json(stub.List(json_format.ParseDict(request, fleet_service_pb2.ListRequest()), timeout=DEADLINE_S))


def watch(stub, request):
    """Reads a snapshot and on to the first bookmark after it, then cancels."""
    call = stub.Watch(json_format.ParseDict(request, watch_pb2.WatchRequest()), timeout=DEADLINE_S)
    frames = []
    for response in call:
        frames.append(response.WhichOneof("frame"))
        if frames[-1] == "bookmark" and "snapshot_end" in frames:
            break
    call.cancel()
    return {"frames": frames, "code": call.code().name}


def watch_until_deadline(stub, request):
    """Reads for as long as a deadline of one second lets it."""
    started = time.monotonic()
    count = 0
    try:
        for _ in stub.Watch(watch_pb2.WatchRequest(), timeout=1):
            count += 1
    except grpc.RpcError as error:
        return {"frames": count, "code": error.code().name, "took_ms": round((time.monotonic() - started) * 1000)}
    raise SystemExit("the stream ended by itself")


def send(stub, request):
    metadata = [("traceparent", request.pop("traceparent"))] if "traceparent" in request else []
    timeout = request.pop("timeout", DEADLINE_S)
    message = json_format.ParseDict(request, fleet_service_pb2.SendRequest())
    return as_json(stub.Send(message, metadata=metadata, timeout=timeout))


def tail(stub, request):
    return [as_json(response) for response in stub.Tail(json_format.ParseDict(request, terminal_pb2.TailRequest()), timeout=DEADLINE_S)]


def info(stub, _request):
    return as_json(stub.Info(fleet_service_pb2.InfoRequest(), timeout=DEADLINE_S))


def health(_stub, request):
    stub = health_pb2_grpc.HealthStub(channel)
    check = stub.Check(health_pb2.HealthCheckRequest(**request), timeout=DEADLINE_S)
    watching = stub.Watch(health_pb2.HealthCheckRequest(**request), timeout=DEADLINE_S)
    first = next(watching)
    watching.cancel()
    statuses = health_pb2.HealthCheckResponse.ServingStatus
    return {"check": statuses.Name(check.status), "watch": statuses.Name(first.status), "code": watching.code().name}


def reflection(_stub, request):
    """Speaks v1, whose messages are those of v1alpha under another package."""
    call = channel.stream_stream(
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )
    questions = [
        reflection_pb2.ServerReflectionRequest(list_services=""),
        reflection_pb2.ServerReflectionRequest(file_containing_symbol=request["symbol"]),
        reflection_pb2.ServerReflectionRequest(file_containing_symbol="no.such.Symbol"),
    ]
    services, file, unknown = call(iter(questions), timeout=DEADLINE_S)
    files = [descriptor_pb2.FileDescriptorProto.FromString(raw) for raw in file.file_descriptor_response.file_descriptor_proto]
    return {
        "services": sorted(service.name for service in services.list_services_response.service),
        "files": [one.name for one in files],
        "methods": [method.name for one in files for service in one.service for method in service.method],
        "unknown": unknown.error_response.error_code,
    }


def error_info(error):
    """The ErrorInfo that rides in grpc-status-details-bin, which holds a google.rpc.Status."""
    for key, value in error.trailing_metadata() or ():
        if key != "grpc-status-details-bin":
            continue
        for detail in status_class().FromString(value).details:
            if detail.type_url.endswith("/mosaic.fleet.v1.ErrorInfo"):
                return as_json(errors_pb2.ErrorInfo.FromString(detail.value))
    return None


def status_class():
    field = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="status.proto", package="google.rpc", syntax="proto3", dependency=["google/protobuf/any.proto"])
    message = file.message_type.add(name="Status")
    message.field.add(name="code", number=1, type=field.TYPE_INT32, label=field.LABEL_OPTIONAL)
    message.field.add(name="message", number=2, type=field.TYPE_STRING, label=field.LABEL_OPTIONAL)
    message.field.add(name="details", number=3, type=field.TYPE_MESSAGE, label=field.LABEL_REPEATED, type_name=".google.protobuf.Any")
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(any_pb2.DESCRIPTOR.serialized_pb)
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("google.rpc.Status"))


COMMANDS = {
    "info": info,
    "list": list_fleet,
    "watch": watch,
    "watch-until-deadline": watch_until_deadline,
    "send": send,
    "tail": tail,
    "health": health,
    "reflection": reflection,
}

with grpc.insecure_channel(target) as channel:
    try:
        answer = COMMANDS[command](fleet_service_pb2_grpc.FleetServiceStub(channel), json.load(sys.stdin))
    except grpc.RpcError as failed:
        answer = {"code": failed.code().name, "message": failed.details(), "info": error_info(failed)}
print(json.dumps(answer))
