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
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment,
		// Otherwise, the error is the proxy's reason phrase and nothing else.
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
			if resp.StatusCode == http.StatusOK {
				return nil
			}
			return &proxyRefusal{resp.StatusCode}
		},
		DialContext:         dialer.DialContext,
		TLSClientConfig:     config,
		TLSHandshakeTimeout: 10 * time.Second,
		ForceAttemptHTTP2:   true,
		// A connection that is dead is noticed after 25 seconds.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 10 * time.Second},
		// More than the requests that Terraform has in flight, so that none is
		// closed only to be dialled again.
		MaxIdleConnsPerHost: 128,
		IdleConnTimeout:     90 * time.Second,
	}, nil
}

// proxyRefusal is a proxy's answer to CONNECT that is not a success.
type proxyRefusal struct{ code int }

func (p *proxyRefusal) Error() string {
	return fmt.Sprintf("the proxy answered %d %s", p.code, http.StatusText(p.code))
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
