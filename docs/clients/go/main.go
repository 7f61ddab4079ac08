// A gRPC client of Mosaic in Go: grpc-go, and code generated from the proto files.
//
//	usage: fleet-client TARGET info|list|watch|send|health|reflection <REQUEST.json
//
// TARGET is what grpc-go takes: unix:///path or 127.0.0.1:8787. Reads the request as JSON and prints one line of JSON: what was
// answered, or {"code", "message"} of the error.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sort"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	reflection "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	fleet "example.org/fleet-client/gen/mosaic/fleet/v1"
)

const deadline = 20 * time.Second

func main() {
	answer, err := run(os.Args[1], os.Args[2])
	if err != nil {
		failed := status.Convert(err)
		answer = map[string]any{"code": failed.Code().String(), "message": failed.Message()}
	}
	if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
		panic(err)
	}
}

func run(target, command string) (any, error) {
	request, err := io.ReadAll(os.Stdin)
	if err != nil {
		return nil, err
	}
	// Plain text: a Unix socket or loopback. Over a network use credentials.NewTLS with a certificate of the fleet.
	connection, err := grpc.NewClient(target, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	switch command {
	case "info":
		return asJSON(fleet.NewFleetServiceClient(connection).Info(ctx, &fleet.InfoRequest{}))
	case "list":
		return list(ctx, connection, request)
	case "watch":
		return watch(ctx, connection)
	case "send":
		return send(ctx, connection, request)
	case "health":
		return health(ctx, connection)
	case "reflection":
		return services(ctx, connection)
	}
	return nil, fmt.Errorf("no such command: %s", command)
}

func list(ctx context.Context, connection *grpc.ClientConn, request []byte) (any, error) {
	asked := &fleet.ListRequest{}
	if err := protojson.Unmarshal(request, asked); err != nil {
		return nil, err
	}
	return asJSON(fleet.NewFleetServiceClient(connection).List(ctx, asked))
}

// Reads a snapshot and on to the first bookmark after it, then cancels.
func watch(ctx context.Context, connection *grpc.ClientConn) (any, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := fleet.NewFleetServiceClient(connection).Watch(ctx, &fleet.WatchRequest{BookmarkIntervalMs: 1000})
	if err != nil {
		return nil, err
	}
	frames := []string{}
	for {
		response, err := stream.Recv()
		if err != nil {
			return map[string]any{"frames": frames, "code": status.Code(err).String()}, nil
		}
		switch response.Frame.(type) {
		case *fleet.WatchResponse_Reset_:
			frames = append(frames, "reset")
		case *fleet.WatchResponse_Host:
			frames = append(frames, "host")
		case *fleet.WatchResponse_Upsert:
			frames = append(frames, "upsert")
		case *fleet.WatchResponse_SnapshotEnd:
			frames = append(frames, "snapshot_end")
		case *fleet.WatchResponse_Bookmark:
			cancel()
		}
	}
}

// Sends with the caller's own deadline and trace: {"message": SendRequest, "traceparent", "timeout_ms"}.
func send(ctx context.Context, connection *grpc.ClientConn, request []byte) (any, error) {
	var asked struct {
		Message     json.RawMessage `json:"message"`
		Traceparent string          `json:"traceparent"`
		TimeoutMs   int             `json:"timeout_ms"`
	}
	if err := json.Unmarshal(request, &asked); err != nil {
		return nil, err
	}
	message := &fleet.SendRequest{}
	if err := protojson.Unmarshal(asked.Message, message); err != nil {
		return nil, err
	}
	if asked.TimeoutMs > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(asked.TimeoutMs)*time.Millisecond)
		defer cancel()
	}
	if asked.Traceparent != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "traceparent", asked.Traceparent)
	}
	return asJSON(fleet.NewFleetServiceClient(connection).Send(ctx, message))
}

func health(ctx context.Context, connection *grpc.ClientConn) (any, error) {
	asked := &grpc_health_v1.HealthCheckRequest{Service: "mosaic.fleet.v1.FleetService"}
	return asJSON(grpc_health_v1.NewHealthClient(connection).Check(ctx, asked))
}

func services(ctx context.Context, connection *grpc.ClientConn) (any, error) {
	stream, err := reflection.NewServerReflectionClient(connection).ServerReflectionInfo(ctx)
	if err != nil {
		return nil, err
	}
	asked := &reflection.ServerReflectionRequest{MessageRequest: &reflection.ServerReflectionRequest_ListServices{}}
	if err := stream.Send(asked); err != nil {
		return nil, err
	}
	answer, err := stream.Recv()
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, service := range answer.GetListServicesResponse().GetService() {
		names = append(names, service.GetName())
	}
	sort.Strings(names)
	return names, stream.CloseSend()
}

func asJSON[M proto.Message](message M, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	text, err := protojson.Marshal(message)
	return json.RawMessage(text), err
}
