package ndx.example;

import static ndx.example.Tour.limited;
import static ndx.example.Tour.say;
import static ndx.example.Tour.with;

import grpc.health.v1.HealthGrpc;
import grpc.health.v1.HealthOuterClass.HealthCheckRequest;
import grpc.reflection.v1.Reflection.ServerReflectionRequest;
import grpc.reflection.v1.Reflection.ServerReflectionResponse;
import grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import ndx.catalog.v1.OfferOuterClass.Offer;
import ndx.catalog.v1.OfferOuterClass.SearchRequest;
import ndx.catalog.v1.OfferOuterClass.SearchResponse;
import ndx.catalog.v1.SearchServiceGrpc;
import ndx.catalog.v1.SearchServiceGrpc.SearchServiceBlockingStub;
import ndx.settlement.v1.OrderOuterClass.PlaceOrderRequest;
import ndx.settlement.v1.OrderOuterClass.PlaceOrderResponse;
import ndx.settlement.v1.OrderServiceGrpc;
import ndx.settlement.v1.OrderServiceGrpc.OrderServiceBlockingStub;

/** Unary calls, metadata, refusals, retries; health and reflection. */
final class Calls {
  /** Joins the exchange's logs and audit entries to our own trace (W3C Trace Context). */
  private static final String TRACEPARENT =
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  private final Tour tour;
  private final SearchServiceBlockingStub search;
  private final OrderServiceBlockingStub orders;

  Calls(Tour tour) {
    this.tour = tour;
    search =
        SearchServiceGrpc.newBlockingStub(tour.catalog).withCallCredentials(tour.catalogToken);
    orders =
        OrderServiceGrpc.newBlockingStub(tour.settlement).withCallCredentials(tour.settlementToken);
  }

  /** Asks once, and then follows changes. */
  void checkHealth() throws Exception {
    var health = limited(HealthGrpc.newBlockingStub(tour.catalog));
    var request =
        HealthCheckRequest.newBuilder().setService("ndx.catalog.v1.SearchService").build();
    var answer = health.check(request);
    // Cancelling the context ends the watch.
    try (Context.CancellableContext context = Context.current().withCancellation()) {
      var first = context.call(() -> health.watch(request).next());
      say("health: %s, watched %s", answer.getStatus(), first.getStatus());
    }
  }

  /** Asks the server what it offers, as grpcurl and other tools do. */
  void listServices() throws Exception {
    var answer = new CompletableFuture<ServerReflectionResponse>();
    var questions =
        limited(ServerReflectionGrpc.newStub(tour.catalog))
            .serverReflectionInfo(
                new StreamObserver<ServerReflectionResponse>() {
                  @Override
                  public void onNext(ServerReflectionResponse response) {
                    answer.complete(response);
                  }

                  @Override
                  public void onError(Throwable error) {
                    answer.completeExceptionally(error);
                  }

                  @Override
                  public void onCompleted() {}
                });
    questions.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    questions.onCompleted();
    answer.get().getListServicesResponse().getServiceList()
        .forEach(service -> say("service: %s", service.getName()));
  }

  /** Finds a product and orders it, twice with one request_id: the second gives the same order. */
  void trade(String words) {
    var headers = new AtomicReference<Metadata>();
    var trailers = new AtomicReference<Metadata>();
    SearchResponse found =
        with(with(limited(search), "accept-language", "en"), "traceparent", TRACEPARENT)
            .withInterceptors(MetadataUtils.newCaptureMetadataInterceptor(headers, trailers))
            .search(SearchRequest.newBuilder().setQuery(words).build());
    if (found.getHitsCount() == 0 || found.getHits(0).getOffersCount() == 0) {
      throw new IllegalStateException("nothing on offer has these words");
    }
    var title = found.getHits(0).getProduct().getDescription().getTitle();
    say("search: %s, with %s", title.getVi(), headers.get().keys());

    Offer offer = found.getHits(0).getOffers(0);
    PlaceOrderRequest request =
        PlaceOrderRequest.newBuilder()
            .setRequestId(UUID.randomUUID().toString()) // kept until there is an answer
            .setOfferId(offer.getId())
            .setOfferEtag(offer.getEtag())
            .setPurpose("research")
            .build();
    PlaceOrderResponse first = limited(orders).placeOrder(request);
    PlaceOrderResponse again = limited(orders).placeOrder(request);
    boolean isSame = first.getOrder().getId().equals(again.getOrder().getId());
    say("retry: same order %s, replayed %s", isSame, again.getReplayed());
    try {
      with(limited(orders), "accept-language", "en")
          .placeOrder(request.toBuilder().setPurpose("another").build());
    } catch (StatusRuntimeException error) {
      say("reused: %s", new Refusal(error));
    }
  }

  /** Asks for nothing in two languages. */
  void readRefusals() {
    for (String language : new String[] {"vi", "en"}) {
      try {
        with(limited(search), "accept-language", language)
            .search(SearchRequest.getDefaultInstance());
      } catch (StatusRuntimeException error) {
        Refusal refusal = new Refusal(error);
        if (!refusal.retryAfter.isZero()) {
          throw error; // worth repeating after retryAfter, with the same request_id
        }
        say("refused in %s: %s", language, refusal);
      }
    }
  }
}
