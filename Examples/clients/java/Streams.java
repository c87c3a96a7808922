package ndx.example;

import static ndx.example.Tour.limited;
import static ndx.example.Tour.say;

import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import java.security.MessageDigest;
import java.util.Iterator;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import ndx.catalog.v1.ProductOuterClass.ContentFile;
import ndx.delivery.v1.Delivery.FetchRequest;
import ndx.delivery.v1.Delivery.FetchResponse;
import ndx.delivery.v1.Delivery.GetManifestRequest;
import ndx.delivery.v1.DeliveryServiceGrpc;
import ndx.identity.v1.CredentialOuterClass.WatchRevocationsRequest;
import ndx.identity.v1.CredentialOuterClass.WatchRevocationsResponse;
import ndx.identity.v1.CredentialServiceGrpc;
import ndx.identity.v1.CredentialServiceGrpc.CredentialServiceBlockingStub;
import ndx.settlement.v1.OrderOuterClass.IssueGrantRequest;
import ndx.settlement.v1.OrderOuterClass.ListOrdersRequest;
import ndx.settlement.v1.OrderOuterClass.OrderState;
import ndx.settlement.v1.OrderServiceGrpc;

/** Server streaming, and the two ways in which a client ends a stream. */
final class Streams {
  private final Tour tour;
  private final CredentialServiceBlockingStub credentials;

  Streams(Tour tour) {
    this.tour = tour;
    credentials = CredentialServiceGrpc.newBlockingStub(tour.identity);
  }

  /** Streams the files of the last purchase from the provider's own connector, and checks each. */
  void fetch() throws Exception {
    var orders =
        OrderServiceGrpc.newBlockingStub(tour.settlement).withCallCredentials(tour.settlementToken);
    var bought =
        limited(orders)
            .listOrders(
                ListOrdersRequest.newBuilder().setState(OrderState.ORDER_STATE_SETTLED).build());
    if (bought.getOrdersCount() == 0) {
      throw new IllegalStateException("this participant has not bought anything yet");
    }
    var grant =
        limited(orders)
            .issueGrant(
                IssueGrantRequest.newBuilder()
                    .setRequestId(UUID.randomUUID().toString())
                    .setOrderId(bought.getOrders(0).getId())
                    .build());
    var connector =
        DeliveryServiceGrpc.newBlockingStub(tour.connect(grant.getConnectorAddress()));
    var manifest =
        limited(connector)
            .getManifest(GetManifestRequest.newBuilder().setGrant(grant.getGrant()).build());
    for (ContentFile file : manifest.getRevision().getFilesList()) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      Iterator<FetchResponse> chunks =
          limited(connector)
              .fetch(
                  FetchRequest.newBuilder()
                      .setGrant(grant.getGrant())
                      .setPath(file.getPath())
                      .build());
      chunks.forEachRemaining(chunk -> digest.update(chunk.getData().asReadOnlyByteBuffer()));
      if (!MessageDigest.isEqual(digest.digest(), file.getSha256().toByteArray())) {
        throw new IllegalStateException(file.getPath() + " is not what was published");
      }
      say("fetched: %s, %d bytes, as published", file.getPath(), file.getSizeBytes());
    }
  }

  /** Follows the feed of revocations, which never ends by itself, until the deadline. */
  void outlastDeadline() {
    try {
      credentials
          .withDeadlineAfter(300, TimeUnit.MILLISECONDS)
          .watchRevocations(WatchRevocationsRequest.getDefaultInstance())
          .forEachRemaining(step -> {});
    } catch (StatusRuntimeException error) {
      say("deadline: %s", error.getStatus().getCode());
    }
  }

  /** Leaves the same feed after its first step. The server's handler ends with it. */
  void cancel() throws Exception {
    try (Context.CancellableContext context = Context.current().withCancellation()) {
      Iterator<WatchRevocationsResponse> feed =
          context.call(
              () ->
                  limited(credentials)
                      .watchRevocations(WatchRevocationsRequest.getDefaultInstance()));
      feed.next();
      context.cancel(null);
      feed.forEachRemaining(step -> {});
    } catch (StatusRuntimeException error) {
      say("cancel: %s", error.getStatus().getCode());
    }
  }
}
