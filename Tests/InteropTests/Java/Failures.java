package ndx.echo;

import static ndx.echo.EchoClient.echo;
import static ndx.echo.EchoClient.patient;
import static ndx.echo.EchoClient.refused;
import static ndx.echo.EchoClient.require;
import static ndx.echo.EchoClient.within;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import google.rpc.ErrorDetails.BadRequest;
import google.rpc.ErrorDetails.ErrorInfo;
import google.rpc.ErrorDetails.LocalizedMessage;
import google.rpc.ErrorDetails.RetryInfo;
import google.rpc.StatusOuterClass;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.util.ArrayList;
import java.util.concurrent.ExecutionException;

/** Calls that do not end well, and a server that goes away. */
final class Failures {
  private Failures() {}

  static void deadline(EchoClient client) {
    long began = System.nanoTime();
    refused(Status.Code.DEADLINE_EXCEEDED, () -> client.call("Hang", echo("", 0), within(300)));
    require(System.nanoTime() - began < 5_000_000_000L, "it took too long");
    client.call("Cancelled", echo("1", 0));

    // Each is written in another unit of grpc-timeout; the server caps the last.
    for (long limit : new long[] {2_000, 250_000, 900_000_000}) {
      double left =
          Double.parseDouble(client.call("Remaining", echo("", 0), within(limit)).getTypeUrl());
      long most = Math.min(limit, 300_000);
      require(left > most - 2000 && left <= most + 1, limit + " became " + left);
    }
  }

  static void cancel(EchoClient client) {
    var count = new EchoStream(client, "Count", MethodType.SERVER_STREAMING, patient());
    count.send(echo("100000000", 1000)).end();
    var chat = new EchoStream(client, "Chat", MethodType.BIDI_STREAMING, patient());
    chat.send(echo("x", 0));
    for (EchoStream stream : new EchoStream[] {count, chat}) {
      stream.next();
      stream.cancel();
    }
    refused(Status.Code.CANCELLED, chat::next);
    client.call("Cancelled", echo("2", 0));
    Calls.unary(client);
  }

  /**
   * More calls run into their deadline than the server takes for a flood of resets: a client whose
   * calls are slow is no attacker, and keeps its connection.
   */
  static void expiredCalls(EchoClient client) throws Exception {
    Any before = client.call("Address", echo("", 0));
    var hang = EchoClient.method("Hang", MethodType.UNARY);
    for (int round = 0; round < 2; round++) {
      var answers = new ArrayList<ListenableFuture<Any>>();
      for (int i = 0; i < 200; i++) {
        answers.add(ClientCalls.futureUnaryCall(client.channel.newCall(hang, within(500)), echo("", 0)));
      }
      for (var answer : answers) {
        try {
          answer.get();
        } catch (ExecutionException error) {
          require(Status.fromThrowable(error).getCode() == Status.Code.DEADLINE_EXCEEDED, error);
        }
      }
    }
    require(client.call("Address", echo("", 0)).equals(before), "the connection was ended");
  }

  static void errorDetails(EchoClient client) throws Exception {
    var stream = new EchoStream(client, "FailLate", MethodType.SERVER_STREAMING, patient());
    require(stream.send(echo("cá", 0)).end().next() != null, "an answer before the failure");
    check(refused(Status.Code.FAILED_PRECONDITION, stream::next));
    check(refused(Status.Code.FAILED_PRECONDITION, () -> client.call("Fail", echo("cá", 0))));
  }

  private static void check(StatusRuntimeException error) throws Exception {
    require(error.getStatus().getDescription().equals("Refused: cá 100%"), error);
    var key = Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);
    int seen = 0;
    for (Any detail : StatusOuterClass.Status.parseFrom(error.getTrailers().get(key)).getDetailsList()) {
      seen++;
      if (detail.is(ErrorInfo.class)) {
        ErrorInfo info = detail.unpack(ErrorInfo.class);
        require(info.getReason().equals("REFUSED") && info.getDomain().equals("ndx.test"), info);
        require(info.getMetadataOrThrow("what").equals("cá"), info);
      } else if (detail.is(BadRequest.class)) {
        BadRequest request = detail.unpack(BadRequest.class);
        require(request.getFieldViolations(0).getField().equals("type_url"), request);
      } else if (detail.is(RetryInfo.class)) {
        var delay = detail.unpack(RetryInfo.class).getRetryDelay();
        require(delay.getSeconds() == 1 && delay.getNanos() == 500_000_000, delay);
      } else if (detail.is(LocalizedMessage.class)) {
        LocalizedMessage text = detail.unpack(LocalizedMessage.class);
        require(text.getLocale().equals("vi") && text.getMessage().equals("Bị từ chối: cá"), text);
      } else {
        seen--;
      }
    }
    require(seen == 4, seen);
  }

  static void refusals(EchoClient client) {
    refused(Status.Code.UNIMPLEMENTED, () -> client.call("Nothing", echo("", 0)));
    refused(Status.Code.UNIMPLEMENTED, () -> client.call("no.Service/Nothing", echo("", 0)));
    refused(Status.Code.INVALID_ARGUMENT, () -> client.call("Echo", garbage()));
    Calls.unary(client);
  }

  /** A message whose text is not UTF-8. */
  private static Any garbage() {
    var text = UnknownFieldSet.Field.newBuilder().addLengthDelimited(ByteString.fromHex("ff"));
    var fields = UnknownFieldSet.newBuilder().addField(Any.TYPE_URL_FIELD_NUMBER, text.build());
    return Any.newBuilder().setUnknownFields(fields.build()).build();
  }

  static void noCertificate(EchoClient client) throws Exception {
    var stranger = new EchoClient(client.target, client.folder, false);
    refused(Status.Code.UNAVAILABLE, () -> stranger.call("Echo", echo("", 0), within(5_000)));
    stranger.channel.shutdownNow();
  }

  /** Has a stream open while the server shuts down, and calls again when it is back. */
  static void restart(EchoClient client) throws Exception {
    var stream = new EchoStream(client, "Chat", MethodType.BIDI_STREAMING, patient());
    require(stream.send(echo("before", 0)).next().getTypeUrl().equals("before"), "before");
    System.out.println("streaming");
    while (System.in.read() != '\n') {}
    require(stream.send(echo("after", 0)).next().getTypeUrl().equals("after"), "after");
    require(stream.end().next() == null, "the end");
    System.out.println("streamed");
    Any again = client.call("Echo", echo("again", 0), patient().withWaitForReady());
    require(again.equals(echo("again", 0)), again);
  }
}
