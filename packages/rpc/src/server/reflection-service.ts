import { create, createRegistry, type DescFile, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code, type ConnectRouter } from "@connectrpc/connect";
import {
  FleetService,
  Health,
  ServerReflection,
  type ServerReflectionRequest,
  ServerReflectionResponseSchema,
} from "@mosaic/wire";

type Reply = MessageInitShape<typeof ServerReflectionResponseSchema>;

/** Serves grpc.reflection.v1 over our services, so that `grpcurl` and its kin need no proto files. */
export function reflectionRoutes(router: ConnectRouter): void {
  const services = [FleetService, Health, ServerReflection];
  const files = filesOf(services.map((service) => service.file));
  const registry = createRegistry(...files.values());
  router.service(ServerReflection, {
    async *serverReflectionInfo(requests) {
      for await (const request of requests) {
        yield create(ServerReflectionResponseSchema, { validHost: request.host, originalRequest: request, ...answer(request) });
      }
    },
  });

  function answer({ messageRequest }: ServerReflectionRequest): Reply {
    switch (messageRequest.case) {
      case "listServices":
        return {
          messageResponse: {
            case: "listServicesResponse",
            value: { service: services.map(({ typeName }) => ({ name: typeName })) },
          },
        };
      case "fileByFilename":
        return fileReply(files.get(messageRequest.value), messageRequest.value);
      case "fileContainingSymbol":
        return fileReply(fileOfSymbol(messageRequest.value), messageRequest.value);
      default:
        return errorReply(Code.Unimplemented, "extensions are not described: the contract has none");
    }
  }

  // A symbol may be a message, an enum, a service, or one of their members.
  function fileOfSymbol(symbol: string): DescFile | undefined {
    const parent = symbol.slice(0, Math.max(0, symbol.lastIndexOf(".")));
    return registry.get(symbol)?.file ?? services.find((s) => s.typeName === symbol)?.file ?? registry.get(parent)?.file;
  }
}

// A file and all it imports, by name.
function filesOf(roots: readonly DescFile[]): Map<string, DescFile> {
  const found = new Map<string, DescFile>();
  const visit = (file: DescFile) => {
    if (found.has(file.proto.name)) return;
    found.set(file.proto.name, file);
    file.dependencies.forEach(visit);
  };
  roots.forEach(visit);
  return found;
}

function fileReply(file: DescFile | undefined, asked: string): Reply {
  if (!file) return errorReply(Code.NotFound, `not found: ${asked}`);
  // With all it imports, in one reply: clients cache by name, and asking again for each import is a round trip each.
  const encoded = [...filesOf([file]).values()].map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto));
  return { messageResponse: { case: "fileDescriptorResponse", value: { fileDescriptorProto: encoded } } };
}

function errorReply(errorCode: Code, errorMessage: string): Reply {
  return { messageResponse: { case: "errorResponse", value: { errorCode, errorMessage } } };
}
