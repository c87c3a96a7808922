package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"time"

	delivery "ndx.example/ndx/delivery/v1"
	identity "ndx.example/ndx/identity/v1"
	settlement "ndx.example/ndx/settlement/v1"
)

// fetch streams the files of the last purchase from the provider's own connector, and checks each.
func (t *tour) fetch(ctx context.Context) error {
	bought, err := t.orders.ListOrders(ctx, &settlement.ListOrdersRequest{
		State: settlement.OrderState_ORDER_STATE_SETTLED})
	if err != nil {
		return err
	}
	if len(bought.Orders) == 0 {
		return errors.New("this participant has not bought anything yet")
	}
	grant, err := t.orders.IssueGrant(ctx, &settlement.IssueGrantRequest{
		RequestId: newID(), OrderId: bought.Orders[0].Id})
	if err != nil {
		return err
	}
	connection, err := t.profile.Dial(grant.ConnectorAddress)
	if err != nil {
		return err
	}
	defer connection.Close()
	connector := delivery.NewDeliveryServiceClient(connection)
	manifest, err := connector.GetManifest(ctx, &delivery.GetManifestRequest{Grant: grant.Grant})
	if err != nil {
		return err
	}
	for _, file := range manifest.Revision.Files {
		stream, err := connector.Fetch(ctx, &delivery.FetchRequest{Grant: grant.Grant, Path: file.Path})
		if err != nil {
			return err
		}
		digest := sha256.New()
		for {
			chunk, err := stream.Recv()
			if err == io.EOF {
				break
			} else if err != nil {
				return err
			}
			digest.Write(chunk.Data)
		}
		if !bytes.Equal(digest.Sum(nil), file.Sha256) {
			return fmt.Errorf("%s is not what was published", file.Path)
		}
		say("fetched: %s, %d bytes, as published", file.Path, file.SizeBytes)
	}
	return nil
}

// outlastDeadline follows the feed of revocations, which never ends by itself, until the deadline.
func (t *tour) outlastDeadline(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	feed, err := t.credentials.WatchRevocations(ctx, &identity.WatchRevocationsRequest{})
	for err == nil {
		_, err = feed.Recv()
	}
	say("deadline: %s", RefusalOf(err).Code)
	return nil
}

// cancelStream leaves the same feed after its first step. The server's handler ends with it.
func (t *tour) cancelStream(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	feed, err := t.credentials.WatchRevocations(ctx, &identity.WatchRevocationsRequest{})
	if err != nil {
		return err
	}
	if _, err := feed.Recv(); err != nil {
		return err
	}
	cancel()
	for err == nil {
		_, err = feed.Recv()
	}
	say("cancel: %s", RefusalOf(err).Code)
	return nil
}
