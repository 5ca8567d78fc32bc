package gitlab

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// identity is a self-signed certificate, which is its own authority.
type identity struct {
	pair      tls.Certificate
	cert, key []byte
}

func newIdentity(t *testing.T) identity {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		BasicConstraintsValid: true, IsCA: true,
	}
	cert, certErr := x509.CreateCertificate(rand.Reader, template, template, public, private)
	key, keyErr := x509.MarshalPKCS8PrivateKey(private)
	if err := errors.Join(err, certErr, keyErr); err != nil {
		t.Fatal(err)
	}
	return identity{
		pair: tls.Certificate{Certificate: [][]byte{cert}, PrivateKey: private},
		cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}),
		key:  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
	}
}

// tlsServer serves settings over TLS and HTTP/2, counts the requests, and does
// not log failed handshakes.
func tlsServer(t *testing.T, config *tls.Config, as identity) (url string, asked *atomic.Int32) {
	t.Helper()
	asked = &atomic.Int32{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.ProtoMajor != 2 {
			t.Errorf("a request came over %s", r.Proto)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"active":true}`)
	}))
	server.TLS = config.Clone()
	server.TLS.Certificates = []tls.Certificate{as.pair}
	server.EnableHTTP2 = true
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL, asked
}

func getSettings(ctx context.Context, baseURL string, config TLS) error {
	c, err := NewClient(Config{BaseURL: baseURL, Token: token, TLS: config, RequestTimeout: 10 * time.Second})
	if err != nil {
		return err
	}
	return read(ctx, c)
}

func TestTLS(t *testing.T) {
	t.Parallel()
	ours, client, stranger := newIdentity(t), newIdentity(t), newIdentity(t)
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(client.cert)
	plain, only12 := tls.Config{MinVersion: tls.VersionTLS12}, tls.Config{MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12}
	only11 := tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	withPair := tls.Config{MinVersion: tls.VersionTLS12, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients}
	unreachable := string(ErrUnreachable)
	for name, c := range map[string]struct {
		server *tls.Config
		client TLS
		says   string // of the error; empty for none
	}{
		"a certificate of an unknown authority is refused":               {&plain, TLS{}, "unknown authority"},
		"a certificate of the CACert is trusted":                         {&plain, TLS{CACert: ours.cert}, ""},
		"a CACert of another authority does not help":                    {&plain, TLS{CACert: stranger.cert}, "unknown authority"},
		"the second certificate of a bundle counts as well":              {&plain, TLS{CACert: append(stranger.cert, ours.cert...)}, ""},
		"Insecure trusts anybody":                                        {&plain, TLS{Insecure: true}, ""},
		"TLS 1.2 is enough":                                              {&only12, TLS{CACert: ours.cert}, ""},
		"TLS 1.1 is refused":                                             {&only11, TLS{CACert: ours.cert}, "protocol version"},
		"TLS 1.1 is refused by Insecure as well":                         {&only11, TLS{Insecure: true}, "protocol version"},
		"the pair of mutual TLS is presented":                            {&withPair, TLS{CACert: ours.cert, ClientCert: client.cert, ClientKey: client.key}, ""},
		"without the pair of mutual TLS there is no answer":              {&withPair, TLS{CACert: ours.cert}, unreachable},
		"a pair that the server does not know is refused":                {&withPair, TLS{CACert: ours.cert, ClientCert: stranger.cert, ClientKey: stranger.key}, unreachable},
		"a certificate and a key that do not match are an error at once": {&withPair, TLS{CACert: ours.cert, ClientCert: client.cert, ClientKey: stranger.key}, "does not match"},
		"a CACert without a certificate is an error at once":             {&withPair, TLS{CACert: client.key}, ErrNoCertificate.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, asked := tlsServer(t, c.server, ours)
			err := getSettings(t.Context(), server, c.client)
			if c.says == "" && (err != nil || asked.Load() != 1) {
				t.Errorf("got %v after %d requests", err, asked.Load())
			}
			if c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says) || asked.Load() != 0) {
				t.Errorf("got error %v after %d requests, want one that says %q", err, asked.Load(), c.says)
			}
		})
	}
}
