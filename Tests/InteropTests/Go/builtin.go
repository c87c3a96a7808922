package main

import (
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	reflection "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
)

func health(c *client) {
	client := grpc_health_v1.NewHealthClient(c)
	ask := func(name string) *grpc_health_v1.HealthCheckRequest {
		return &grpc_health_v1.HealthCheckRequest{Service: name}
	}
	for _, name := range []string{"", "ndx.test.v1.EchoService"} {
		answer, err := client.Check(patient(), ask(name))
		must(err)
		require(answer.Status == grpc_health_v1.HealthCheckResponse_SERVING, "%q is %s", name, answer.Status)
	}
	_, err := client.Check(patient(), ask("nothing"))
	refused(err, codes.NotFound)
	for name, expected := range map[string]grpc_health_v1.HealthCheckResponse_ServingStatus{
		"ndx.test.v1.EchoService": grpc_health_v1.HealthCheckResponse_SERVING,
		"nothing":                 grpc_health_v1.HealthCheckResponse_SERVICE_UNKNOWN,
	} {
		watch, err := client.Watch(patient(), ask(name))
		must(err)
		answer, err := watch.Recv()
		must(err)
		require(answer.Status == expected, "%q is %s", name, answer.Status)
	}
}

func reflectionV1Alpha(c *client) { describe(c, "grpc.reflection.v1alpha.ServerReflection") }

// reflectionV1 asks the newer service, whose messages have the same layout.
func reflectionV1(c *client) { describe(c, "grpc.reflection.v1.ServerReflection") }

func describe(c *client, service string) {
	stream, err := c.NewStream(patient(), &grpc.StreamDesc{ServerStreams: true, ClientStreams: true},
		"/"+service+"/ServerReflectionInfo")
	must(err)
	ask := func(question *reflection.ServerReflectionRequest) *reflection.ServerReflectionResponse {
		must(stream.SendMsg(question))
		answer := &reflection.ServerReflectionResponse{}
		must(stream.RecvMsg(answer))
		return answer
	}
	listed := ask(&reflection.ServerReflectionRequest{MessageRequest: &reflection.ServerReflectionRequest_ListServices{}})
	isListed := false
	for _, found := range listed.GetListServicesResponse().Service {
		isListed = isListed || found.Name == "ndx.test.v1.EchoService"
	}
	require(isListed, "%v", listed)
	symbol := &reflection.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: "ndx.type.v1.Money"}
	files := ask(&reflection.ServerReflectionRequest{MessageRequest: symbol}).GetFileDescriptorResponse()
	file := &descriptorpb.FileDescriptorProto{}
	must(proto.Unmarshal(files.FileDescriptorProto[0], file))
	require(file.GetName() == "ndx/type/v1/type.proto", "%s", file.GetName())
	symbol.FileContainingSymbol = "nothing"
	missing := ask(&reflection.ServerReflectionRequest{MessageRequest: symbol}).GetErrorResponse()
	require(missing.GetErrorCode() == int32(codes.NotFound), "%v", missing)
	must(stream.CloseSend())
	require(stream.RecvMsg(&reflection.ServerReflectionResponse{}) == io.EOF, "the stream has no end")
}
