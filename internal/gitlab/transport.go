package gitlab

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// idleConnections exceeds the requests that Terraform has in flight, so
	// that no connection is closed only to be dialled again.
	idleConnections = 128

	dialTimeout      = 10 * time.Second
	handshakeTimeout = 10 * time.Second
	idleTimeout      = 90 * time.Second
	// A dead HTTP/2 connection is noticed after pingAfter + pingTimeout.
	pingAfter   = 15 * time.Second
	pingTimeout = 10 * time.Second
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
		Proxy:                  http.ProxyFromEnvironment,
		OnProxyConnectResponse: connected,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        config,
		TLSHandshakeTimeout:    handshakeTimeout,
		ForceAttemptHTTP2:      true,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingTimeout},
		MaxIdleConnsPerHost:    idleConnections,
		IdleConnTimeout:        idleTimeout,
	}, nil
}

// proxyRefusal is a proxy's answer to CONNECT that is not a success.
type proxyRefusal struct{ code int }

// Error implements error.
func (p *proxyRefusal) Error() string {
	return fmt.Sprintf("the proxy answered %d %s", p.code, http.StatusText(p.code))
}

// connected is an [http.Transport.OnProxyConnectResponse]: without it, the error
// would be the proxy's reason phrase and nothing else.
func connected(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return &proxyRefusal{resp.StatusCode}
}

// ofProxy reports whether the proxy, and not GitLab, is at fault.
func ofProxy(err error) bool {
	return errors.As(err, new(*proxyRefusal)) || failedAt(err) == "proxyconnect" || strings.HasPrefix(failedAt(err), "socks ")
}

// neverArrived reports whether no connection was made, so nothing was sent.
func neverArrived(err error) bool {
	return errors.As(err, new(*net.DNSError)) || ofProxy(err) || failedAt(err) == "dial"
}

// disagrees reports whether the next connection will fail in the same way: the
// two sides do not agree on TLS.
func disagrees(err error) bool {
	return errors.As(err, new(tls.RecordHeaderError)) || errors.As(err, new(*tls.CertificateVerificationError)) ||
		errors.Is(err, http.ErrSchemeMismatch) || failedAt(err) == "remote error"
}

// failedAt returns what the network was asked to do, such as "dial"; "" if it
// did not fail.
func failedAt(err error) string {
	if failure, ok := errors.AsType[*net.OpError](err); ok {
		return failure.Op
	}
	return ""
}
