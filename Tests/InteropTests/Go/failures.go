package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
)

func deadline(c *client) {
	began := time.Now()
	_, err := c.call(within(300*time.Millisecond), "Hang", echo("", nil))
	refused(err, codes.DeadlineExceeded)
	require(time.Since(began) < 5*time.Second, "it took %s", time.Since(began))
	_, err = c.call(patient(), "Cancelled", echo("1", nil))
	must(err)

	// Each is written in another unit of grpc-timeout; the server caps the last.
	for _, limit := range []time.Duration{2 * time.Second, 250 * time.Second, 250 * time.Hour} {
		answer, err := c.call(within(limit), "Remaining", echo("", nil))
		must(err)
		milliseconds, err := strconv.ParseFloat(answer.TypeUrl, 64)
		must(err)
		most := limit.Seconds() * 1000
		if most > 300_000 {
			most = 300_000
		}
		require(milliseconds > most-2000 && milliseconds <= most+1, "%s became %s ms", limit, answer.TypeUrl)
	}
}

func cancel(c *client) {
	ctx, stop := context.WithCancel(context.Background())
	count := c.stream(ctx, "Count", echo("100000000", make([]byte, 1000)))
	chat, collect := c.stream(ctx, "Chat", nil), c.stream(ctx, "Collect", nil)
	for _, stream := range []grpc.ClientStream{chat, collect} {
		must(stream.SendMsg(echo("x", nil)))
	}
	for _, stream := range []grpc.ClientStream{count, chat} {
		_, err := receive(stream)
		must(err)
	}
	stop()
	for _, stream := range []grpc.ClientStream{chat, collect} {
		_, err := receive(stream)
		refused(err, codes.Canceled)
	}
	_, err := c.call(patient(), "Cancelled", echo("3", nil))
	must(err)
	unary(c)
}

func errorDetails(c *client) {
	stream := c.stream(patient(), "FailLate", echo("cá", nil))
	_, err := receive(stream)
	must(err)
	_, late := receive(stream)
	_, atOnce := c.call(patient(), "Fail", echo("cá", nil))
	for _, err := range []error{atOnce, late} {
		answer := refused(err, codes.FailedPrecondition)
		require(answer.Message() == "Refused: cá 100%", "%s", answer.Message())
		found := map[string]interface{}{}
		for _, detail := range answer.Details() {
			found[fmt.Sprintf("%T", detail)] = detail
		}
		info := found["*errdetails.ErrorInfo"].(*errdetails.ErrorInfo)
		require(info.Reason == "REFUSED" && info.Domain == "ndx.test" && info.Metadata["what"] == "cá", "%v", info)
		request := found["*errdetails.BadRequest"].(*errdetails.BadRequest)
		require(request.FieldViolations[0].Field == "type_url", "%v", request)
		retry := found["*errdetails.RetryInfo"].(*errdetails.RetryInfo)
		require(retry.RetryDelay.AsDuration() == 1500*time.Millisecond, "%v", retry)
		text := found["*errdetails.LocalizedMessage"].(*errdetails.LocalizedMessage)
		require(text.Locale == "vi" && text.Message == "Bị từ chối: cá", "%v", text)
	}
}

func refusals(c *client) {
	_, err := c.call(patient(), "Nothing", echo("", nil))
	refused(err, codes.Unimplemented)
	refused(c.Invoke(patient(), "/no.Service/Nothing", echo("", nil), echo("", nil)), codes.Unimplemented)
	_, err = c.call(patient(), "Echo", echo("", nil), grpc.ForceCodec(garbage{}))
	refused(err, codes.InvalidArgument)
	unary(c)
}

// large crosses the limit of 4 MiB that both sides have by default.
func large(c *client) {
	_, err := c.call(patient(), "Echo", echo("", make([]byte, 5_000_000)))
	refused(err, codes.ResourceExhausted)
	_, err = c.call(patient(), "Inflate", echo("5000000", nil))
	refused(err, codes.ResourceExhausted)
	answer, err := c.call(patient(), "Inflate", echo("5000000", nil), grpc.MaxCallRecvMsgSize(8<<20))
	must(err)
	require(len(answer.Value) == 5_000_000, "%d bytes", len(answer.Value))
	unary(c)
}

// expiredCalls lets more calls run into their deadline than the server takes for a flood of resets: a client whose calls
// are slow is no attacker, and keeps its connection.
func expiredCalls(c *client) {
	before := c.address()
	for round := 0; round < 2; round++ {
		var all sync.WaitGroup
		ctx := within(500 * time.Millisecond)
		for i := 0; i < 200; i++ {
			all.Add(1)
			go func() {
				defer all.Done()
				_, err := c.call(ctx, "Hang", echo("", nil))
				refused(err, codes.DeadlineExceeded)
			}()
		}
		all.Wait()
	}
	require(c.address() == before, "the connection was ended")
}

// address is that of our end of the connection, as the server sees it.
func (c *client) address() string {
	answer, err := c.call(patient(), "Address", echo("", nil))
	must(err)
	return answer.TypeUrl
}

func noCertificate(c *client) {
	connection := connect(c.target, c.folder, false)
	defer connection.Close()
	err := connection.Invoke(within(5*time.Second), service+"Echo", echo("", nil), echo("", nil))
	refused(err, codes.Unavailable)
}

// restart has a stream open while the server shuts down, and calls again when it is back.
func restart(c *client) {
	stream := c.stream(patient(), "Chat", nil)
	say := func(text string) {
		must(stream.SendMsg(echo(text, nil)))
		answer, err := receive(stream)
		must(err)
		require(answer.TypeUrl == text, "%v", answer)
	}
	say("before")
	fmt.Println("streaming")
	_, err := bufio.NewReader(os.Stdin).ReadString('\n')
	must(err)
	say("after")
	must(stream.CloseSend())
	_, err = receive(stream)
	require(err == io.EOF, "the end is %v", err)
	fmt.Println("streamed")
	request := echo("again", nil)
	answer, err := c.call(patient(), "Echo", request, grpc.WaitForReady(true))
	must(err)
	require(proto.Equal(request, answer), "%v", answer)
}

// garbage writes what no message looks like.
type garbage struct{}

func (garbage) Marshal(interface{}) ([]byte, error) { return []byte{0xff, 0xff, 0xff}, nil }
func (garbage) Unmarshal([]byte, interface{}) error { return nil }
func (garbage) Name() string                        { return "proto" }
