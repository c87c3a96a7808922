package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	identity "ndx.example/ndx/identity/v1"
)

// Profile is the folder that `ndx enrol` made for one system of a participant.
type Profile struct {
	ParticipantID string
	Exchange      struct{ Endpoints map[string]string }
	tls           *tls.Config
}

// LoadProfile reads the key, the certificate chain and the authorities to trust.
func LoadProfile(folder string) (*Profile, error) {
	details, err := os.ReadFile(filepath.Join(folder, "profile.json"))
	if err != nil {
		return nil, err
	}
	profile := &Profile{}
	if err := json.Unmarshal(details, profile); err != nil {
		return nil, err
	}
	pair, err := tls.LoadX509KeyPair(filepath.Join(folder, "certificate.pem"), filepath.Join(folder, "key.pem"))
	if err != nil {
		return nil, err
	}
	trust, err := os.ReadFile(filepath.Join(folder, "trust.pem"))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(trust) {
		return nil, fmt.Errorf("%s has no certificate in trust.pem", folder)
	}
	profile.tls = &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: roots, MinVersion: tls.VersionTLS13}
	return profile, nil
}

// Dial connects with the profile's certificate. A connection serves any number of calls at a time: make one, keep it.
func (p *Profile) Dial(address string, options ...grpc.DialOption) (*grpc.ClientConn, error) {
	options = append(options, grpc.WithTransportCredentials(credentials.NewTLS(p.tls.Clone())))
	return grpc.Dial(address, options...)
}

// Service connects to one of the exchange's services with an access token for it on every call.
func (p *Profile) Service(name string, tokens identity.TokenServiceClient) (*grpc.ClientConn, error) {
	return p.Dial(p.Exchange.Endpoints[name], grpc.WithPerRPCCredentials(&accessToken{audience: name, tokens: tokens}))
}

// accessToken fetches a token that identity binds to our certificate, and a new one before it expires.
type accessToken struct {
	audience string
	tokens   identity.TokenServiceClient

	mutex sync.Mutex
	value string
	until time.Time
}

func (t *accessToken) GetRequestMetadata(ctx context.Context, _ ...string) (map[string]string, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if time.Until(t.until) < 30*time.Second {
		issued, err := t.tokens.IssueToken(ctx, &identity.IssueTokenRequest{RequestId: newID(), Audience: t.audience})
		if err != nil {
			return nil, err
		}
		t.value, t.until = issued.AccessToken, issued.ExpireTime.AsTime()
	}
	return map[string]string{"authorization": "Bearer " + t.value}, nil
}

func (*accessToken) RequireTransportSecurity() bool { return true }
