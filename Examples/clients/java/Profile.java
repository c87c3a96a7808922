package ndx.example;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The folder that {@code ndx enrol} made for one system of a participant. */
final class Profile {
  private final SslContext tls;
  private final JsonObject endpoints;

  /** Reads the key, the certificate chain and the authorities to trust. */
  Profile(Path folder) throws IOException {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .keyManager(
                folder.resolve("certificate.pem").toFile(), folder.resolve("key.pem").toFile())
            .trustManager(folder.resolve("trust.pem").toFile())
            .protocols("TLSv1.3");
    // Debian's Netty has no ALPN on the JDK's own TLS; elsewhere, SslProvider.JDK serves as well.
    tls = GrpcSslContexts.configure(builder, SslProvider.OPENSSL).build();
    JsonObject details =
        JsonParser.parseString(Files.readString(folder.resolve("profile.json"))).getAsJsonObject();
    endpoints = details.getAsJsonObject("exchange").getAsJsonObject("endpoints");
  }

  /** Where one of the exchange's services listens: identity, catalog, settlement or audit. */
  String endpoint(String service) {
    return endpoints.get(service).getAsString();
  }

  /**
   * A connection with the profile's certificate. It serves any number of calls at a time: make one,
   * keep it, and shut it down at the end.
   */
  ManagedChannel connect(String address) {
    return NettyChannelBuilder.forTarget(address).sslContext(tls).build();
  }
}
