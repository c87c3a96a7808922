package ndx.echo;

import static ndx.echo.EchoClient.refused;
import static ndx.echo.EchoClient.require;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import grpc.health.v1.HealthGrpc;
import grpc.health.v1.HealthOuterClass.HealthCheckRequest;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The services that every server has. */
final class BuiltIn {
  private BuiltIn() {}

  static void health(EchoClient client) {
    var health = HealthGrpc.newBlockingStub(client.channel).withDeadlineAfter(60, TimeUnit.SECONDS);
    for (String name : List.of("", "ndx.test.v1.EchoService")) {
      require(health.check(ask(name)).getStatus() == ServingStatus.SERVING, name);
    }
    refused(Status.Code.NOT_FOUND, () -> health.check(ask("nothing")));
    var watched = health.watch(ask("ndx.test.v1.EchoService")).next();
    require(watched.getStatus() == ServingStatus.SERVING, watched);
    var unknown = health.watch(ask("nothing")).next();
    require(unknown.getStatus() == ServingStatus.SERVICE_UNKNOWN, unknown);
  }

  private static HealthCheckRequest ask(String service) {
    return HealthCheckRequest.newBuilder().setService(service).build();
  }

  /** Collects the answers of a stream. */
  private static final class Answers<T> implements StreamObserver<T> {
    final LinkedBlockingQueue<Object> events = new LinkedBlockingQueue<>();

    @Override
    public void onNext(T answer) {
      events.add(answer);
    }

    @Override
    public void onError(Throwable error) {
      events.add(error);
    }

    @Override
    public void onCompleted() {
      events.add("end");
    }

    @SuppressWarnings("unchecked")
    T next() throws InterruptedException {
      Object event = events.poll(60, TimeUnit.SECONDS);
      require(event != null && !(event instanceof Throwable), event);
      return (T) event;
    }
  }

  static void reflectionV1(EchoClient client) throws Exception {
    var answers = new Answers<grpc.reflection.v1.Reflection.ServerReflectionResponse>();
    var questions =
        grpc.reflection.v1.ServerReflectionGrpc.newStub(client.channel).serverReflectionInfo(answers);
    var ask = grpc.reflection.v1.Reflection.ServerReflectionRequest.newBuilder();
    questions.onNext(ask.setListServices("").build());
    require(answers.next().getListServicesResponse().toString().contains("ndx.test.v1.EchoService"), "");
    questions.onNext(ask.setFileContainingSymbol("ndx.type.v1.Money").build());
    var file = answers.next().getFileDescriptorResponse().getFileDescriptorProto(0);
    require(FileDescriptorProto.parseFrom(file).getName().equals("ndx/type/v1/type.proto"), file);
    questions.onNext(ask.setFileContainingSymbol("nothing").build());
    require(answers.next().getErrorResponse().getErrorCode() == Status.Code.NOT_FOUND.value(), "");
    questions.onCompleted();
    require(answers.events.take().equals("end"), "the end");
  }

  static void reflectionV1Alpha(EchoClient client) throws Exception {
    var answers = new Answers<grpc.reflection.v1alpha.Reflection.ServerReflectionResponse>();
    var questions =
        grpc.reflection.v1alpha.ServerReflectionGrpc.newStub(client.channel)
            .serverReflectionInfo(answers);
    var ask = grpc.reflection.v1alpha.Reflection.ServerReflectionRequest.newBuilder();
    questions.onNext(ask.setListServices("").build());
    require(answers.next().getListServicesResponse().toString().contains("ndx.test.v1.EchoService"), "");
    questions.onNext(ask.setFileByFilename("ndx/type/v1/type.proto").build());
    require(answers.next().getFileDescriptorResponse().getFileDescriptorProtoCount() > 0, "");
    questions.onCompleted();
    require(answers.events.take().equals("end"), "the end");
  }
}
