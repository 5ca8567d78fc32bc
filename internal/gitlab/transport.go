package gitlab

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

const (
	// maxBody is far more than GitLab answers to any request made here.
	maxBody = 10 << 20
	// idleConnections exceeds the requests that Terraform has in flight, so
	// that no connection is closed only to be dialled again.
	idleConnections = 128

	dialTimeout      = 10 * time.Second
	handshakeTimeout = 10 * time.Second
	idleTimeout      = 90 * time.Second
	// A dead HTTP/2 connection is noticed after pingAfter + pingTimeout.
	pingAfter   = 15 * time.Second
	pingTimeout = 10 * time.Second

	logSubsystem = "gitlab"
)

// TLS holds what a connection to GitLab trusts and presents, as PEM.
type TLS struct {
	// CACert is trusted in addition to the system's roots.
	CACert []byte
	// ClientCert and ClientKey are the pair for mutual TLS; both or neither.
	ClientCert, ClientKey []byte
	// Insecure skips the verification of GitLab's certificate.
	Insecure bool
}

// ErrNoCertificate says that CACert holds no PEM certificate.
var ErrNoCertificate = errors.New("it holds no PEM certificate")

// config returns the TLS configuration, or an error when a PEM does not parse.
func (t TLS) config() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: t.Insecure}
	if t.CACert != nil {
		roots, err := x509.SystemCertPool()
		if err != nil {
			roots = x509.NewCertPool()
		}
		if !roots.AppendCertsFromPEM(t.CACert) {
			return nil, ErrNoCertificate
		}
		config.RootCAs = roots
	}
	if t.ClientCert != nil {
		pair, err := tls.X509KeyPair(t.ClientCert, t.ClientKey)
		if err != nil {
			return nil, fmt.Errorf("loading the client certificate: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

func newTransport(t TLS) (*http.Transport, error) {
	config, err := t.config()
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: dialTimeout}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		TLSClientConfig:     config,
		TLSHandshakeTimeout: handshakeTimeout,
		ForceAttemptHTTP2:   true,
		HTTP2:               &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingTimeout},
		MaxIdleConnsPerHost: idleConnections,
		IdleConnTimeout:     idleTimeout,
	}, nil
}

// trial makes one try of a request: it waits for the rate limit, limits the
// time of the try, and reads the whole body, so that a body that is cut off
// makes the try fail.
type trial struct {
	next    http.RoundTripper
	timeout time.Duration
	secrets secrets
	limit   rateLimit
}

// RoundTrip implements [http.RoundTripper].
func (t *trial) RoundTrip(req *http.Request) (*http.Response, error) {
	tries := triesFrom(req.Context())
	if err := t.limit.wait(req.Context(), tries); err != nil {
		return nil, err
	}
	tries.made++
	ctx, cancel := context.WithTimeout(req.Context(), t.timeout)
	defer cancel()
	start := time.Now()
	resp, err := t.next.RoundTrip(req.WithContext(ctx))
	if err == nil {
		err = readWhole(resp)
	}
	t.log(req, resp, err, tries.made, time.Since(start))
	if err != nil {
		if ctx.Err() != nil && req.Context().Err() == nil {
			err = fmt.Errorf("no whole answer within %s (request_timeout): %w", t.timeout, ctx.Err())
		}
		return nil, err
	}
	t.limit.observe(resp.Header)
	dropBadLocation(resp.Header)
	return resp, nil
}

func readWhole(resp *http.Response) error {
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	if len(body) > maxBody {
		return &Error{
			Kind: ErrNotGitLab, Status: resp.StatusCode, RequestID: resp.Header.Get("X-Request-Id"),
			Message: fmt.Sprintf("more than %d MiB", maxBody>>20),
		}
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}

// log writes one line per try, without headers and bodies.
func (t *trial) log(req *http.Request, resp *http.Response, err error, try int, took time.Duration) {
	fields := map[string]any{
		"method":      req.Method,
		"path":        req.URL.EscapedPath(),
		"try":         try,
		"duration_ms": took.Milliseconds(),
	}
	if resp != nil {
		fields["status"] = resp.StatusCode
		fields["request_id"] = resp.Header.Get("X-Request-Id")
	}
	if err != nil {
		fields["error"] = withoutURL(err).Error()
	}
	ctx := tflog.NewSubsystem(req.Context(), logSubsystem)
	ctx = tflog.SubsystemMaskAllFieldValuesStrings(ctx, logSubsystem, t.secrets...)
	tflog.SubsystemDebug(ctx, logSubsystem, "request to GitLab", fields)
}

// withoutURL drops the request's URL from an error: the URL is known already,
// and a proxy's URL may carry a password.
func withoutURL(err error) error {
	var withURL *url.Error
	if errors.As(err, &withURL) {
		return withURL.Err
	}
	return err
}
