package ndx.example;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import google.rpc.ErrorDetails.BadRequest;
import google.rpc.ErrorDetails.ErrorInfo;
import google.rpc.ErrorDetails.LocalizedMessage;
import google.rpc.ErrorDetails.RetryInfo;
import google.rpc.StatusOuterClass;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What the exchange says when it does not do what it was asked to. */
final class Refusal {
  private static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

  final Status.Code code;

  /** For programs: UPPER_SNAKE_CASE, never changes its meaning (docs/reference/reasons.md). */
  String reason = "";

  /** For people, in the language of accept-language. */
  String text;

  /** Fields that broke a rule. */
  final List<String> fields = new ArrayList<>();

  /** How long to wait before trying again; zero if that does not help. */
  Duration retryAfter = Duration.ZERO;

  /** Takes the details of an error apart. */
  Refusal(StatusRuntimeException error) {
    code = error.getStatus().getCode();
    text = error.getStatus().getDescription();
    byte[] details = error.getTrailers() == null ? null : error.getTrailers().get(DETAILS);
    if (details == null) return;
    try {
      for (Any detail : StatusOuterClass.Status.parseFrom(details).getDetailsList()) add(detail);
    } catch (InvalidProtocolBufferException malformed) {
      throw new IllegalArgumentException(malformed);
    }
  }

  private void add(Any detail) throws InvalidProtocolBufferException {
    if (detail.is(ErrorInfo.class)) {
      reason = detail.unpack(ErrorInfo.class).getReason();
    } else if (detail.is(LocalizedMessage.class)) {
      text = detail.unpack(LocalizedMessage.class).getMessage();
    } else if (detail.is(BadRequest.class)) {
      detail.unpack(BadRequest.class).getFieldViolationsList().forEach(v -> fields.add(v.getField()));
    } else if (detail.is(RetryInfo.class)) {
      var delay = detail.unpack(RetryInfo.class).getRetryDelay();
      retryAfter = Duration.ofSeconds(delay.getSeconds(), delay.getNanos());
    }
  }

  @Override
  public String toString() {
    return code + " " + reason + " " + fields + " \"" + text + "\"";
  }
}
