// Tour shows, against a running exchange, what a program of a participant needs of gRPC:
//
//	tour PROFILE WORDS
//
// PROFILE is a folder made by `ndx enrol` of a consumer that has bought something before; WORDS find a product to order.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"google.golang.org/grpc"

	catalog "ndx.example/ndx/catalog/v1"
	identity "ndx.example/ndx/identity/v1"
	settlement "ndx.example/ndx/settlement/v1"
)

// tour holds what the steps share: connections to the services and their clients.
type tour struct {
	profile                       *Profile
	identity, catalog, settlement *grpc.ClientConn
	credentials                   identity.CredentialServiceClient
	search                        catalog.SearchServiceClient
	orders                        settlement.OrderServiceClient
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: tour PROFILE WORDS")
	}
	t, err := begin(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	// Every call gets a deadline: without one, it may wait for ever.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	steps := []func(context.Context) error{
		t.checkHealth, t.listServices, func(ctx context.Context) error { return t.trade(ctx, os.Args[2]) },
		t.readRefusals, t.fetch, t.outlastDeadline, t.cancelStream,
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			log.Fatal(RefusalOf(err))
		}
	}
}

func begin(folder string) (*tour, error) {
	profile, err := LoadProfile(folder)
	if err != nil {
		return nil, err
	}
	t := &tour{profile: profile}
	// Identity issues tokens to whoever shows a certificate; the other services want such a token.
	if t.identity, err = profile.Dial(profile.Exchange.Endpoints["identity"]); err != nil {
		return nil, err
	}
	tokens := identity.NewTokenServiceClient(t.identity)
	if t.catalog, err = profile.Service("catalog", tokens); err != nil {
		return nil, err
	}
	if t.settlement, err = profile.Service("settlement", tokens); err != nil {
		return nil, err
	}
	t.credentials = identity.NewCredentialServiceClient(t.identity)
	t.search = catalog.NewSearchServiceClient(t.catalog)
	t.orders = settlement.NewOrderServiceClient(t.settlement)
	return t, nil
}

func say(format string, values ...interface{}) { fmt.Printf(format+"\n", values...) }
