// Calls our echo server with grpc-go. Usage: echo_client HOST:PORT FOLDER CHECK...
//
// FOLDER holds ca.pem, cert.pem and key.pem. Prints a line for each check that held; exits non-zero at the first that did not.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
)

const service = "/ndx.test.v1.EchoService/"

var checks = map[string]func(*client){
	"unary": unary, "concurrent": concurrent, "server_streaming": serverStreaming, "client_streaming": clientStreaming,
	"bidirectional": bidirectional, "deadline": deadline, "cancel": cancel, "metadata": sendMetadata, "mirrored_metadata": mirroredMetadata,
	"error_details": errorDetails, "refusals": refusals, "large": large, "gzip": compressed, "health": health,
	"reflection_v1": reflectionV1, "reflection_v1alpha": reflectionV1Alpha, "no_certificate": noCertificate,
	"expired_calls": expiredCalls, "restart": restart,
}

// client is one connection, made anew for each check.
type client struct {
	target, folder string
	*grpc.ClientConn
}

func main() {
	target, folder := os.Args[1], os.Args[2]
	for _, name := range os.Args[3:] {
		c := &client{target, folder, connect(target, folder, true)}
		checks[name](c)
		must(c.Close())
		fmt.Println("ok", name)
	}
}

func connect(target, folder string, hasCertificate bool) *grpc.ClientConn {
	roots := x509.NewCertPool()
	authority, err := os.ReadFile(filepath.Join(folder, "ca.pem"))
	must(err)
	require(roots.AppendCertsFromPEM(authority), "ca.pem")
	config := &tls.Config{RootCAs: roots}
	if hasCertificate {
		pair, err := tls.LoadX509KeyPair(filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem"))
		must(err)
		config.Certificates = []tls.Certificate{pair}
	}
	connection, err := grpc.Dial(target, grpc.WithTransportCredentials(credentials.NewTLS(config)))
	must(err)
	return connection
}

// within is a context that ends before the test's patience does.
func within(limit time.Duration) context.Context {
	ctx, _ := context.WithTimeout(context.Background(), limit) // the program ends before this matters
	return ctx
}

func patient() context.Context { return within(60 * time.Second) }

func echo(text string, value []byte) *anypb.Any { return &anypb.Any{TypeUrl: text, Value: value} }

// call makes a unary call.
func (c *client) call(ctx context.Context, name string, request *anypb.Any, options ...grpc.CallOption) (*anypb.Any, error) {
	response := &anypb.Any{}
	return response, c.Invoke(ctx, service+name, request, response, options...)
}

// stream opens a streaming call; sends the request and closes that side if there is one.
func (c *client) stream(ctx context.Context, name string, request *anypb.Any, options ...grpc.CallOption) grpc.ClientStream {
	description := &grpc.StreamDesc{ServerStreams: true, ClientStreams: request == nil}
	stream, err := c.NewStream(ctx, description, service+name, options...)
	must(err)
	if request != nil {
		must(stream.SendMsg(request))
		must(stream.CloseSend())
	}
	return stream
}

func receive(stream grpc.ClientStream) (*anypb.Any, error) {
	response := &anypb.Any{}
	return response, stream.RecvMsg(response)
}

// refused requires that a call ended with this code.
func refused(err error, code codes.Code) *status.Status {
	answer := status.Convert(err)
	require(err != nil && answer.Code() == code, "wanted %s, got %v", code, err)
	return answer
}

func must(err error) { require(err == nil, "%v", err) }

func require(holds bool, format string, values ...interface{}) {
	if !holds {
		panic(fmt.Sprintf(format, values...))
	}
}
