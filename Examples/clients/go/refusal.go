package main

import (
	"crypto/rand"
	"fmt"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Refusal is what the exchange says when it does not do what it was asked to.
type Refusal struct {
	Code codes.Code
	// Reason is for programs: UPPER_SNAKE_CASE, never changes its meaning (docs/reference/reasons.md).
	Reason string
	// Text is for people, in the language of accept-language.
	Text string
	// Fields that broke a rule.
	Fields []string
	// RetryAfter is how long to wait before trying again; 0 if that does not help.
	RetryAfter time.Duration
}

// RefusalOf takes the details of an error apart.
func RefusalOf(err error) Refusal {
	answer := status.Convert(err)
	refusal := Refusal{Code: answer.Code(), Text: answer.Message()}
	for _, detail := range answer.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			refusal.Reason = detail.Reason
		case *errdetails.LocalizedMessage:
			refusal.Text = detail.Message
		case *errdetails.BadRequest:
			for _, violation := range detail.FieldViolations {
				refusal.Fields = append(refusal.Fields, violation.Field)
			}
		case *errdetails.RetryInfo:
			refusal.RetryAfter = detail.RetryDelay.AsDuration()
		}
	}
	return refusal
}

func (r Refusal) String() string {
	return fmt.Sprintf("%s %s %v %q", r.Code, r.Reason, r.Fields, r.Text)
}

// newID makes a UUID. As a request_id it makes a mutation safe to repeat: keep it until there is an answer.
func newID() string {
	var id [16]byte
	if _, err := rand.Read(id[:]); err != nil {
		panic(err)
	}
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
