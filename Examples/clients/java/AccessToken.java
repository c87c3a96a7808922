package ndx.example;

import io.grpc.CallCredentials;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import ndx.identity.v1.CredentialOuterClass.IssueTokenRequest;
import ndx.identity.v1.CredentialOuterClass.IssueTokenResponse;
import ndx.identity.v1.TokenServiceGrpc.TokenServiceBlockingStub;

/**
 * Adds an access token to every call. Identity binds it to our certificate; a new one is fetched
 * before the old one expires.
 */
final class AccessToken extends CallCredentials {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final TokenServiceBlockingStub tokens;
  private final String audience;
  private String value = "";
  private Instant until = Instant.EPOCH;

  AccessToken(TokenServiceBlockingStub tokens, String audience) {
    this.tokens = tokens;
    this.audience = audience;
  }

  @Override
  public void applyRequestMetadata(RequestInfo call, Executor executor, MetadataApplier applier) {
    executor.execute(
        () -> {
          try {
            Metadata headers = new Metadata();
            headers.put(AUTHORIZATION, "Bearer " + current());
            applier.apply(headers);
          } catch (StatusRuntimeException error) {
            applier.fail(error.getStatus());
          }
        });
  }

  private synchronized String current() {
    if (Instant.now().isAfter(until.minus(Duration.ofSeconds(30)))) {
      IssueTokenRequest request =
          IssueTokenRequest.newBuilder()
              .setRequestId(UUID.randomUUID().toString())
              .setAudience(audience)
              .build();
      IssueTokenResponse issued =
          tokens.withDeadlineAfter(20, TimeUnit.SECONDS).issueToken(request);
      value = issued.getAccessToken();
      until = Instant.ofEpochSecond(issued.getExpireTime().getSeconds());
    }
    return value;
  }

  @Override
  public void thisUsesUnstableApi() {}
}
