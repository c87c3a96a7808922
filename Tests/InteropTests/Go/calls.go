package main

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
)

func unary(c *client) {
	for _, size := range []int{0, 1, 3_000_000} {
		request := echo("xin chào", bytes.Repeat([]byte{7}, size))
		response, err := c.call(patient(), "Echo", request)
		must(err)
		require(proto.Equal(request, response), "%d bytes came back changed", size)
	}
	response, err := c.call(patient(), "Echo", echo("", nil))
	must(err)
	require(proto.Size(response) == 0, "an empty message came back as %v", response)
}

func concurrent(c *client) {
	var all sync.WaitGroup
	errors := make(chan error, 2000)
	for i := 0; i < 2000; i++ {
		all.Add(1)
		go func(i int) {
			defer all.Done()
			request := echo(strconv.Itoa(i), make([]byte, i))
			response, err := c.call(patient(), "Echo", request)
			if err == nil && !proto.Equal(request, response) {
				err = fmt.Errorf("%d came back changed", i)
			}
			errors <- err
		}(i)
	}
	all.Wait()
	close(errors)
	for err := range errors {
		must(err)
	}
}

func serverStreaming(c *client) {
	for _, count := range []int{0, 5000} {
		stream := c.stream(patient(), "Count", echo(strconv.Itoa(count), make([]byte, 1000)))
		for i := 0; i < count; i++ {
			answer, err := receive(stream)
			must(err)
			require(answer.TypeUrl == strconv.Itoa(i) && len(answer.Value) == 1000, "%d: %v", i, answer)
		}
		_, err := receive(stream)
		require(err == io.EOF, "the end is %v", err)
	}
}

func clientStreaming(c *client) {
	stream := c.stream(patient(), "Collect", nil)
	var expected strings.Builder
	for i := 0; i < 1000; i++ {
		expected.WriteString(strconv.Itoa(i))
		must(stream.SendMsg(echo(strconv.Itoa(i), make([]byte, 2000))))
	}
	must(stream.CloseSend())
	answer, err := receive(stream)
	must(err)
	require(answer.TypeUrl == expected.String(), "%d of %d bytes", len(answer.TypeUrl), expected.Len())
}

func bidirectional(c *client) {
	// One at a time: each answer comes before the next question.
	stream := c.stream(patient(), "Chat", nil)
	for i := 0; i < 500; i++ {
		question := echo(strconv.Itoa(i), make([]byte, i))
		must(stream.SendMsg(question))
		answer, err := receive(stream)
		must(err)
		require(proto.Equal(question, answer), "%d came back changed", i)
	}
	must(stream.CloseSend())
	_, err := receive(stream)
	require(err == io.EOF, "the end is %v", err)
}

func sendMetadata(c *client) {
	trace := "4bf92f3577b34da6a3ce929d0e0e4736"
	ctx := metadata.AppendToOutgoingContext(patient(),
		"x-test", "one two", "accept-language", "en-GB,en;q=0.9,vi;q=0.5",
		"traceparent", "00-"+trace+"-00f067aa0ba902b7-01")
	var header metadata.MD
	answer, err := c.call(ctx, "Context", echo("", nil), grpc.Header(&header))
	must(err)
	expected := "spiffe://test.ndx/service/caller en " + trace + " one two"
	require(answer.TypeUrl == expected, "%s", answer.TypeUrl)
	require(header.Get("content-type")[0] == "application/grpc", "%v", header)
}

// mirroredMetadata sends what comes back: text before the answer, bytes after it.
func mirroredMetadata(c *client) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	sent := metadata.MD{"x-text": {"one", "two, three ~"}, "x-data-bin": {string(all), "", "one", "\x00,"}}
	var header, trailer metadata.MD
	_, err := c.call(metadata.NewOutgoingContext(patient(), sent), "Mirror", echo("", nil),
		grpc.Header(&header), grpc.Trailer(&trailer))
	must(err)
	require(reflect.DeepEqual(header.Get("x-text"), sent["x-text"]), "%q", header)
	require(reflect.DeepEqual(trailer.Get("x-data-bin"), sent["x-data-bin"]), "%q", trailer)
}

// compressed sends gzip, in a unary call and in a stream; what would be too large is refused, and so is another coding.
func compressed(c *client) {
	use := grpc.UseCompressor(gzip.Name)
	request := echo(strings.Repeat("x", 100_000), make([]byte, 1_000_000))
	answer, err := c.call(patient(), "Echo", request, use)
	must(err)
	require(proto.Equal(request, answer), "it came back changed")
	stream := c.stream(patient(), "Chat", nil, use)
	for i := 0; i < 100; i++ {
		question := echo(strconv.Itoa(i), make([]byte, 10_000))
		must(stream.SendMsg(question))
		answer, err := receive(stream)
		must(err)
		require(proto.Equal(question, answer), "%d came back changed", i)
	}
	must(stream.CloseSend())
	_, err = c.call(patient(), "Echo", echo("", make([]byte, 20_000_000)), use, grpc.MaxCallSendMsgSize(100_000_000))
	refused(err, codes.ResourceExhausted)
	_, err = c.call(patient(), "Echo", request, grpc.UseCompressor("odd"))
	refused(err, codes.Unimplemented)
	unary(c)
}

// odd is a coding that nobody else knows: it leaves messages as they are.
type odd struct{}

func init() { encoding.RegisterCompressor(odd{}) }

func (odd) Name() string                                 { return "odd" }
func (odd) Compress(w io.Writer) (io.WriteCloser, error) { return plain{w}, nil }
func (odd) Decompress(r io.Reader) (io.Reader, error)    { return r, nil }

type plain struct{ io.Writer }

func (plain) Close() error { return nil }
