package ndx.echo;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.File;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Calls our echo server with grpc-java. Usage: echo_client HOST:PORT FOLDER CHECK...
 *
 * <p>FOLDER holds ca.pem, cert.pem and key.pem. Prints a line for each check that held; ends with an
 * exception at the first that did not.
 */
final class EchoClient {
  interface Check {
    void run(EchoClient client) throws Exception;
  }

  private static final Map<String, Check> CHECKS = new TreeMap<>();

  static {
    CHECKS.put("unary", Calls::unary);
    CHECKS.put("concurrent", Calls::concurrent);
    CHECKS.put("server_streaming", Calls::serverStreaming);
    CHECKS.put("client_streaming", Calls::clientStreaming);
    CHECKS.put("bidirectional", Calls::bidirectional);
    CHECKS.put("metadata", Calls::metadata);
    CHECKS.put("mirrored_metadata", Calls::mirroredMetadata);
    CHECKS.put("large", Calls::large);
    CHECKS.put("gzip", Calls::gzip);
    CHECKS.put("deadline", Failures::deadline);
    CHECKS.put("cancel", Failures::cancel);
    CHECKS.put("expired_calls", Failures::expiredCalls);
    CHECKS.put("error_details", Failures::errorDetails);
    CHECKS.put("refusals", Failures::refusals);
    CHECKS.put("no_certificate", Failures::noCertificate);
    CHECKS.put("restart", Failures::restart);
    CHECKS.put("health", BuiltIn::health);
    CHECKS.put("reflection_v1", BuiltIn::reflectionV1);
    CHECKS.put("reflection_v1alpha", BuiltIn::reflectionV1Alpha);
  }

  final String target;
  final File folder;
  final ManagedChannel channel;

  EchoClient(String target, File folder, boolean hasCertificate) throws Exception {
    this.target = target;
    this.folder = folder;
    var tls = SslContextBuilder.forClient().trustManager(new File(folder, "ca.pem")).protocols("TLSv1.3");
    if (hasCertificate) {
      tls.keyManager(new File(folder, "cert.pem"), new File(folder, "key.pem"));
    }
    channel =
        NettyChannelBuilder.forTarget(target)
            .sslContext(GrpcSslContexts.configure(tls, SslProvider.OPENSSL).build())
            .build();
  }

  public static void main(String[] arguments) throws Exception {
    for (String name : Arrays.asList(arguments).subList(2, arguments.length)) {
      var client = new EchoClient(arguments[0], new File(arguments[1]), true);
      CHECKS.get(name).run(client);
      client.channel.shutdownNow();
      System.out.println("ok " + name);
    }
    System.exit(0);
  }

  /** Options that end a call before the test's patience ends. */
  static CallOptions patient() {
    return within(60_000);
  }

  static CallOptions within(long milliseconds) {
    return CallOptions.DEFAULT.withDeadlineAfter(milliseconds, TimeUnit.MILLISECONDS);
  }

  static Any echo(String text, int size) {
    return Any.newBuilder().setTypeUrl(text).setValue(ByteString.copyFrom(new byte[size])).build();
  }

  static MethodDescriptor<Any, Any> method(String name, MethodType kind) {
    var marshaller = ProtoUtils.marshaller(Any.getDefaultInstance());
    return MethodDescriptor.<Any, Any>newBuilder(marshaller, marshaller)
        .setType(kind)
        .setFullMethodName(name.contains("/") ? name : "ndx.test.v1.EchoService/" + name)
        .build();
  }

  Any call(String name, Any request, CallOptions options) {
    return ClientCalls.blockingUnaryCall(channel, method(name, MethodType.UNARY), options, request);
  }

  Any call(String name, Any request) {
    return call(name, request, patient());
  }

  /** Requires that a call ends with this code. */
  static StatusRuntimeException refused(Status.Code code, Runnable call) {
    try {
      call.run();
    } catch (StatusRuntimeException error) {
      require(error.getStatus().getCode() == code, error);
      return error;
    }
    throw new AssertionError("the call succeeded");
  }

  static void require(boolean holds, Object found) {
    if (!holds) {
      throw new AssertionError(found);
    }
  }
}
