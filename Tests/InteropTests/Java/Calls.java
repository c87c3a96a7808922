package ndx.echo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static ndx.echo.EchoClient.echo;
import static ndx.echo.EchoClient.patient;
import static ndx.echo.EchoClient.refused;
import static ndx.echo.EchoClient.require;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.Any;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** The four kinds of calls, metadata and sizes. */
final class Calls {
  private Calls() {}

  static void unary(EchoClient client) {
    for (int size : new int[] {0, 1, 3_000_000}) {
      Any request = echo("xin chào", size);
      require(client.call("Echo", request).equals(request), size);
    }
    require(client.call("Echo", echo("", 0)).getSerializedSize() == 0, "an empty message");
  }

  static void concurrent(EchoClient client) throws Exception {
    var echo = EchoClient.method("Echo", MethodType.UNARY);
    var answers = new ArrayList<ListenableFuture<Any>>();
    for (int i = 0; i < 2000; i++) {
      answers.add(ClientCalls.futureUnaryCall(client.channel.newCall(echo, patient()), echo("" + i, i)));
    }
    for (int i = 0; i < 2000; i++) {
      require(answers.get(i).get().equals(echo("" + i, i)), i);
    }
  }

  static void serverStreaming(EchoClient client) {
    for (int count : new int[] {0, 5000}) {
      var stream = new EchoStream(client, "Count", MethodType.SERVER_STREAMING, patient());
      stream.send(echo("" + count, 1000)).end();
      for (int i = 0; i < count; i++) {
        require(stream.next().equals(echo("" + i, 1000)), i);
      }
      require(stream.next() == null, "the end");
    }
  }

  static void clientStreaming(EchoClient client) {
    var stream = new EchoStream(client, "Collect", MethodType.CLIENT_STREAMING, patient());
    var expected = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      expected.append(i);
      stream.send(echo("" + i, 2000));
    }
    require(stream.end().next().getTypeUrl().contentEquals(expected), "what was collected");
  }

  static void bidirectional(EchoClient client) {
    // One at a time: each answer comes before the next question.
    var stream = new EchoStream(client, "Chat", MethodType.BIDI_STREAMING, patient());
    for (int i = 0; i < 500; i++) {
      require(stream.send(echo("" + i, i)).next().equals(echo("" + i, i)), i);
    }
    require(stream.end().next() == null, "the end");
  }

  static void metadata(EchoClient client) {
    String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    var headers = new Metadata();
    put(headers, "x-test", "one two");
    put(headers, "accept-language", "en-GB,en;q=0.9,vi;q=0.5");
    put(headers, "traceparent", "00-" + trace + "-00f067aa0ba902b7-01");
    var channel =
        ClientInterceptors.intercept(
            client.channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    Any answer =
        ClientCalls.blockingUnaryCall(
            channel, EchoClient.method("Context", MethodType.UNARY), patient(), echo("", 0));
    String expected = "spiffe://test.ndx/service/caller en " + trace + " one two";
    require(answer.getTypeUrl().equals(expected), answer);
  }

  /** Sends what comes back: text before the answer, bytes after it. */
  static void mirroredMetadata(EchoClient client) {
    byte[] all = new byte[256];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    var sent = new Metadata();
    put(sent, "x-text", "one");
    put(sent, "x-text", "two, three ~");
    var key = Metadata.Key.of("x-data-bin", Metadata.BINARY_BYTE_MARSHALLER);
    var values = List.of(all, new byte[0], "one".getBytes(UTF_8), new byte[] {0, ','});
    values.forEach(value -> sent.put(key, value));
    var headers = new AtomicReference<Metadata>();
    var trailers = new AtomicReference<Metadata>();
    var channel =
        ClientInterceptors.intercept(
            client.channel,
            MetadataUtils.newAttachHeadersInterceptor(sent),
            MetadataUtils.newCaptureMetadataInterceptor(headers, trailers));
    var mirror = EchoClient.method("Mirror", MethodType.UNARY);
    ClientCalls.blockingUnaryCall(channel, mirror, patient(), echo("", 0));
    var text = headers.get().getAll(Metadata.Key.of("x-text", Metadata.ASCII_STRING_MARSHALLER));
    require(String.join("|", text).equals("one|two, three ~"), headers);
    var found = new ArrayList<byte[]>();
    trailers.get().getAll(key).forEach(found::add);
    require(Arrays.deepEquals(found.toArray(), values.toArray()), trailers);
  }

  private static void put(Metadata headers, String name, String value) {
    headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
  }

  /** Compressed requests are read, in unary calls and in streams; too large a one is refused. */
  static void gzip(EchoClient client) {
    var options = patient().withCompression("gzip");
    Any request = echo("x".repeat(100_000), 1_000_000);
    require(client.call("Echo", request, options).equals(request), "what came back");
    var stream = new EchoStream(client, "Chat", MethodType.BIDI_STREAMING, options);
    for (int i = 0; i < 100; i++) {
      require(stream.send(echo("" + i, 10_000)).next().equals(echo("" + i, 10_000)), i);
    }
    require(stream.end().next() == null, "the end");
    refused(
        Status.Code.RESOURCE_EXHAUSTED, () -> client.call("Echo", echo("", 20_000_000), options));
    unary(client);
  }

  /** Crosses the limit of 4 MiB that both sides have by default. */
  static void large(EchoClient client) {
    refused(Status.Code.RESOURCE_EXHAUSTED, () -> client.call("Echo", echo("", 5_000_000)));
    refused(Status.Code.RESOURCE_EXHAUSTED, () -> client.call("Inflate", echo("5000000", 0)));
    Any answer =
        client.call("Inflate", echo("5000000", 0), patient().withMaxInboundMessageSize(8 << 20));
    require(answer.getValue().size() == 5_000_000, answer.getValue().size());
    unary(client);
  }
}
