package ndx.echo;

import com.google.protobuf.Any;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.LinkedBlockingQueue;

/** A streaming call whose answers are taken one at a time. */
final class EchoStream extends ClientCall.Listener<Any> {
  private static final Object END = new Object();

  private final ClientCall<Any, Any> call;
  private final LinkedBlockingQueue<Object> events = new LinkedBlockingQueue<>();

  EchoStream(EchoClient client, String name, MethodType kind, CallOptions options) {
    call = client.channel.newCall(EchoClient.method(name, kind), options);
    call.start(this, new Metadata());
    call.setMessageCompression(true);
    call.request(1);
  }

  EchoStream send(Any message) {
    call.sendMessage(message);
    return this;
  }

  EchoStream end() {
    call.halfClose();
    return this;
  }

  void cancel() {
    call.cancel("enough", null);
  }

  /** The next answer; null at the end. */
  Any next() {
    try {
      Object event = events.take();
      if (event instanceof StatusRuntimeException) {
        throw (StatusRuntimeException) event;
      }
      if (event == END) {
        return null;
      }
      call.request(1);
      return (Any) event;
    } catch (InterruptedException error) {
      throw new IllegalStateException(error);
    }
  }

  @Override
  public void onMessage(Any message) {
    events.add(message);
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    events.add(status.isOk() ? END : status.asRuntimeException(trailers));
  }
}
