package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

const (
	// emptyPayload is the SHA-256 of the body that a handshake does not have.
	emptyPayload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	// presignedSeconds is how long a presigned URL is good for, as the
	// services that prescribe a time for WebSockets prescribe it.
	presignedSeconds = "300"
	// iotService wants the session token outside of the signature.
	iotService = "iotdevicegateway"
)

// AWS signs the first request with AWS Signature Version 4. ws counts as http
// and wss as https. Signed are the method, the path, the query, the Host and
// all X-Amz fields of the request; what is sent is the query in the form that was
// signed. It is for servers; with a proxy it is an error.
type AWS struct {
	AccessKeyID     string
	SecretAccessKey string
	// SessionToken belongs to temporary credentials.
	SessionToken string
	// Region and Service are the scope of the signature, for example
	// "eu-central-1" and "execute-api".
	Region  string
	Service string
	// Presign puts the signature into the query of the URL instead of the
	// Authorization field, as "transcribe" and "iotdevicegateway" want it. It
	// is good for 300 seconds, unless the query has an X-Amz-Expires already;
	// X-Amz fields are not signed then.
	//
	// For the service iotdevicegateway the session token is added to the
	// URL after signing; every other service has it in what is signed.
	Presign bool
	// Now is the time of signing, time.Now when nil. Services allow for clocks
	// that differ by five minutes.
	Now func() time.Time
}

// Begin starts the exchange of one dial with one peer.
func (a AWS) Begin() Exchange { return &exchange{scheme: &awsScheme{a: a}} }

type awsScheme struct{ a AWS }

func (s *awsScheme) answer(_ context.Context, _ *Request, a asked) error {
	return a.refusal("AWS4-HMAC-SHA256", "key, region and service")
}

func (s *awsScheme) first(ctx context.Context, r *Request) (bool, error) {
	if err := s.a.check(); err != nil {
		return false, err
	}
	if r.Proxy {
		return false, errors.New("auth: AWS Signature Version 4 signs requests to servers, not to proxies")
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return false, errQuery
	}
	u := httpURL(r.URL)
	hr := &http.Request{Method: r.Method, URL: &u, Header: make(http.Header)}
	now := time.Now
	if s.a.Now != nil {
		now = s.a.Now
	}
	if s.a.Presign {
		if !query.Has("X-Amz-Expires") {
			query.Set("X-Amz-Expires", presignedSeconds)
		}
		u.RawQuery = query.Encode()
		return true, s.a.presign(ctx, r, hr, now())
	}
	return true, s.a.sign(ctx, r, hr, now())
}

func (a AWS) check() error {
	if err := cmp.Or(
		checkText("access key ID", a.AccessKeyID), checkText("secret access key", a.SecretAccessKey),
		checkText("session token", a.SessionToken), checkText("region", a.Region), checkText("service", a.Service),
	); err != nil {
		return err
	}
	if a.AccessKeyID == "" || a.SecretAccessKey == "" || a.Region == "" || a.Service == "" {
		return errors.New("auth: AWS needs AccessKeyID, SecretAccessKey, Region and Service")
	}
	return nil
}

func (a AWS) credentials() aws.Credentials {
	return aws.Credentials{AccessKeyID: a.AccessKeyID, SecretAccessKey: a.SecretAccessKey, SessionToken: a.SessionToken}
}

func (a AWS) sign(ctx context.Context, r *Request, hr *http.Request, now time.Time) error {
	for name, values := range r.Header {
		// What a proxy may change is not signed, so that it may.
		if strings.HasPrefix(strings.ToLower(name), "x-amz-") {
			hr.Header[http.CanonicalHeaderKey(name)] = slices.Clone(values)
		}
	}
	err := v4.NewSigner().SignHTTP(ctx, a.credentials(), hr, emptyPayload, a.Service, a.Region, now)
	if err != nil {
		return fmt.Errorf("auth: AWS: %w", err)
	}
	for _, name := range []string{"Authorization", "X-Amz-Date", "X-Amz-Security-Token"} {
		if value := hr.Header.Get(name); value != "" {
			r.Header.Set(name, value)
		}
	}
	r.URL.RawQuery = hr.URL.RawQuery
	return nil
}

func (a AWS) presign(ctx context.Context, r *Request, hr *http.Request, now time.Time) error {
	iot := a.Service == iotService && a.SessionToken != ""
	signed, _, err := v4.NewSigner().PresignHTTP(ctx, a.credentials(), hr, emptyPayload, a.Service, a.Region, now,
		func(o *v4.SignerOptions) { o.DisableSessionToken = iot })
	if err != nil {
		return fmt.Errorf("auth: AWS: %w", err)
	}
	_, query, _ := strings.Cut(signed, "?")
	if iot {
		query += "&X-Amz-Security-Token=" + percentEncode(a.SessionToken)
	}
	r.URL.RawQuery = query
	return nil
}
