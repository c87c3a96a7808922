package main

import (
	"context"
	"errors"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	reflection "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"

	catalog "ndx.example/ndx/catalog/v1"
	settlement "ndx.example/ndx/settlement/v1"
)

// checkHealth asks once, and then follows changes.
func (t *tour) checkHealth(ctx context.Context) error {
	health := grpc_health_v1.NewHealthClient(t.catalog)
	request := &grpc_health_v1.HealthCheckRequest{Service: "ndx.catalog.v1.SearchService"}
	answer, err := health.Check(ctx, request)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	watch, err := health.Watch(ctx, request)
	if err != nil {
		return err
	}
	first, err := watch.Recv()
	if err != nil {
		return err
	}
	say("health: %s, watched %s", answer.Status, first.Status)
	return nil
}

// listServices asks the server what it offers, as grpcurl and other tools do.
func (t *tour) listServices(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := reflection.NewServerReflectionClient(t.catalog).ServerReflectionInfo(ctx)
	if err != nil {
		return err
	}
	question := &reflection.ServerReflectionRequest{
		MessageRequest: &reflection.ServerReflectionRequest_ListServices{}}
	if err := stream.Send(question); err != nil {
		return err
	}
	answer, err := stream.Recv()
	if err != nil {
		return err
	}
	for _, service := range answer.GetListServicesResponse().Service {
		say("service: %s", service.Name)
	}
	return nil
}

// trade finds a product and orders it, twice with one request_id: the second call gives the same order.
func (t *tour) trade(ctx context.Context, words string) error {
	// A traceparent joins the exchange's logs and audit entries to our own trace (W3C Trace Context).
	ctx = metadata.AppendToOutgoingContext(ctx,
		"accept-language", "en", "traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	var header metadata.MD
	found, err := t.search.Search(ctx, &catalog.SearchRequest{Query: words}, grpc.Header(&header))
	if err != nil {
		return err
	}
	if len(found.Hits) == 0 || len(found.Hits[0].Offers) == 0 {
		return errors.New("nothing on offer has these words")
	}
	offer := found.Hits[0].Offers[0]
	say("search: %s, by %s", found.Hits[0].Product.Description.Title.Vi, header.Get("content-type"))

	request := &settlement.PlaceOrderRequest{
		RequestId: newID(), OfferId: offer.Id, OfferEtag: offer.Etag, Purpose: "research"}
	first, err := t.orders.PlaceOrder(ctx, request)
	if err != nil {
		return err
	}
	again, err := t.orders.PlaceOrder(ctx, request)
	if err != nil {
		return err
	}
	say("retry: same order %t, replayed %t", first.Order.Id == again.Order.Id, again.Replayed)
	request.Purpose = "another"
	_, err = t.orders.PlaceOrder(ctx, request)
	say("reused: %s", RefusalOf(err))
	return nil
}

// readRefusals asks for nothing in two languages.
func (t *tour) readRefusals(ctx context.Context) error {
	for _, language := range []string{"vi", "en"} {
		ctx := metadata.AppendToOutgoingContext(ctx, "accept-language", language)
		_, err := t.search.Search(ctx, &catalog.SearchRequest{})
		refusal := RefusalOf(err)
		if refusal.Code == codes.Unavailable || refusal.Code == codes.ResourceExhausted {
			return err // worth repeating after refusal.RetryAfter, with the same request_id
		}
		say("refused in %s: %s", language, refusal)
	}
	return nil
}
