package ndx.example;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import ndx.identity.v1.TokenServiceGrpc;

/**
 * Shows, against a running exchange, what a program of a participant needs of gRPC.
 *
 * <pre>tour PROFILE WORDS</pre>
 *
 * PROFILE is a folder made by {@code ndx enrol} of a consumer that has bought something before;
 * WORDS find a product to order.
 */
final class Tour implements AutoCloseable {
  final Profile profile;
  final ManagedChannel identity;
  final ManagedChannel catalog;
  final ManagedChannel settlement;

  /** Identity issues tokens to whoever shows a certificate; the others want such a token. */
  final AccessToken catalogToken;

  final AccessToken settlementToken;
  private final List<ManagedChannel> open = new ArrayList<>();

  Tour(Path folder) throws Exception {
    profile = new Profile(folder);
    identity = connect(profile.endpoint("identity"));
    catalog = connect(profile.endpoint("catalog"));
    settlement = connect(profile.endpoint("settlement"));
    var tokens = TokenServiceGrpc.newBlockingStub(identity);
    catalogToken = new AccessToken(tokens, "catalog");
    settlementToken = new AccessToken(tokens, "settlement");
  }

  ManagedChannel connect(String address) {
    ManagedChannel channel = profile.connect(address);
    open.add(channel);
    return channel;
  }

  /** Every call gets a deadline: without one, it may wait for ever. */
  static <S extends AbstractStub<S>> S limited(S stub) {
    return stub.withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  /** Adds metadata to each call of a stub. */
  static <S extends AbstractStub<S>> S with(S stub, String name, String value) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
    return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  static void say(String format, Object... values) {
    System.out.printf(format + "%n", values);
  }

  @Override
  public void close() {
    open.forEach(ManagedChannel::shutdownNow);
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments.length != 2) {
      System.err.println("usage: tour PROFILE WORDS");
      System.exit(2);
    }
    try (Tour tour = new Tour(Path.of(arguments[0]))) {
      Calls calls = new Calls(tour);
      calls.checkHealth();
      calls.listServices();
      calls.trade(arguments[1]);
      calls.readRefusals();
      Streams streams = new Streams(tour);
      streams.fetch();
      streams.outlastDeadline();
      streams.cancel();
    }
  }
}
