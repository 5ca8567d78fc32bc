package gitlab_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
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
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

const settingsBody = `{"active":true,"integrated":false}`

// answerSettings gives every request the same settings.
func answerSettings(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, settingsBody)
}

// identity is a self-signed certificate, which is its own authority.
type identity struct {
	pair      tls.Certificate
	cert, key []byte
}

func newIdentity(t *testing.T) identity {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return identity{
		pair: tls.Certificate{Certificate: [][]byte{cert}, PrivateKey: key},
		cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}),
		key:  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}),
	}
}

// tlsServer serves over TLS and does not log failed handshakes.
func tlsServer(t *testing.T, config *tls.Config, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.TLS = config
	server.EnableHTTP2 = true
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func getSettings(ctx context.Context, baseURL string, config gitlab.TLS) error {
	c, err := gitlab.NewClient(gitlab.Config{BaseURL: baseURL, Token: token, TLS: config, RequestTimeout: 10 * time.Second})
	if err != nil {
		return err
	}
	_, err = c.GetSettings(ctx, "1")
	return err
}

func TestTLS(t *testing.T) {
	t.Parallel()
	ours, client, stranger := newIdentity(t), newIdentity(t), newIdentity(t)
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(client.cert)
	withPair := &tls.Config{MinVersion: tls.VersionTLS12, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients}
	for name, c := range map[string]struct {
		server *tls.Config
		client gitlab.TLS
		says   string // of the error; empty for none
	}{
		"a certificate of an unknown authority is refused": {
			&tls.Config{MinVersion: tls.VersionTLS12}, gitlab.TLS{}, "unknown authority"},
		"a certificate of the CACert is trusted": {
			&tls.Config{MinVersion: tls.VersionTLS12}, gitlab.TLS{CACert: ours.cert}, ""},
		"a CACert of another authority does not help": {
			&tls.Config{MinVersion: tls.VersionTLS12}, gitlab.TLS{CACert: stranger.cert}, "unknown authority"},
		"the second certificate of a bundle counts as well": {
			&tls.Config{MinVersion: tls.VersionTLS12}, gitlab.TLS{CACert: append(stranger.cert, ours.cert...)}, ""},
		"Insecure trusts anybody": {
			&tls.Config{MinVersion: tls.VersionTLS12}, gitlab.TLS{Insecure: true}, ""},
		"TLS 1.2 is enough": {
			&tls.Config{MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12}, gitlab.TLS{CACert: ours.cert}, ""},
		"TLS 1.1 is refused": {
			&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, gitlab.TLS{CACert: ours.cert}, "protocol version"},
		"TLS 1.1 is refused by Insecure as well": {
			&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, gitlab.TLS{Insecure: true}, "protocol version"},
		"the pair of mutual TLS is presented": {
			withPair, gitlab.TLS{CACert: ours.cert, ClientCert: client.cert, ClientKey: client.key}, ""},
		"without the pair of mutual TLS there is no answer": {
			withPair, gitlab.TLS{CACert: ours.cert}, string(gitlab.ErrUnreachable)},
		"a pair that the server does not know is refused": {
			withPair, gitlab.TLS{CACert: ours.cert, ClientCert: stranger.cert, ClientKey: stranger.key}, string(gitlab.ErrUnreachable)},
		"a certificate and a key that do not match are an error at once": {
			withPair, gitlab.TLS{CACert: ours.cert, ClientCert: client.cert, ClientKey: stranger.key}, "does not match"},
		"a CACert without a certificate is an error at once": {
			withPair, gitlab.TLS{CACert: client.key}, gitlab.ErrNoCertificate.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := c.server.Clone()
			config.Certificates = []tls.Certificate{ours.pair}
			var asked atomic.Int32
			server := tlsServer(t, config, func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				answerSettings(w, r)
			})
			err := getSettings(t.Context(), server.URL, c.client)
			if c.says == "" {
				if err != nil || asked.Load() != 1 {
					t.Errorf("got %v after %d requests", err, asked.Load())
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got error %v, want one that says %q", err, c.says)
			}
			if asked.Load() != 0 {
				t.Error("the request was sent all the same")
			}
		})
	}
}

func TestHTTP2IsUsed(t *testing.T) {
	t.Parallel()
	ours := newIdentity(t)
	server := tlsServer(t, &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{ours.pair}},
		func(w http.ResponseWriter, r *http.Request) {
			if r.ProtoMajor != 2 {
				t.Errorf("the request came over %s", r.Proto)
			}
			answerSettings(w, r)
		})
	if err := getSettings(t.Context(), server.URL, gitlab.TLS{CACert: ours.cert}); err != nil {
		t.Error(err)
	}
}

func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	const parallel = 100
	var opened atomic.Int32
	// No request is answered before all have come, so each needs a connection.
	var asked sync.WaitGroup
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Done()
		asked.Wait()
		answerSettings(w, r)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	c := newClient(t, server.URL)
	for _, round := range []string{"the first hundred", "a hundred more"} {
		asked.Add(parallel)
		var group sync.WaitGroup
		for range parallel {
			group.Go(func() {
				if _, err := c.GetSettings(t.Context(), "1"); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if got := opened.Load(); got != parallel {
			t.Errorf("after %s requests %d connections were opened, want %d", round, got, parallel)
		}
	}
}

// again runs this test once more in a process of its own, because Go reads
// proxies and system roots from the environment once per process. It returns
// false in that process.
func again(t *testing.T, env ...string) bool {
	t.Helper()
	if os.Getenv("TEST_AGAIN") != "" {
		return false
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), append(env, "TEST_AGAIN=1")...)
	if output, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(output), "--- PASS: "+t.Name()) {
		t.Errorf("in a process of its own: %v\n%s", err, output)
	}
	return true
}

func TestProxiesComeFromTheEnvironment(t *testing.T) {
	t.Parallel()
	// Go bypasses proxies for this machine, so GitLab is elsewhere.
	const elsewhere = "http://gitlab.example.com:8080"
	var mu sync.Mutex
	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, r.Method+" "+r.URL.String()+" "+r.Host)
		answerSettings(w, r)
	}))
	t.Cleanup(proxy.Close)
	if again(t, "HTTP_PROXY="+proxy.URL, "HTTPS_PROXY="+proxy.URL, "NO_PROXY=no-proxy.invalid") {
		mu.Lock()
		defer mu.Unlock()
		want := []string{
			"GET " + elsewhere + "/api/v4/projects/1/error_tracking/settings gitlab.example.com:8080",
			"CONNECT //gitlab.example.com:443 gitlab.example.com:443",
		}
		if strings.Join(asked, "\n") != strings.Join(want, "\n") {
			t.Errorf("the proxy was asked\n%s\nwant\n%s", strings.Join(asked, "\n"), strings.Join(want, "\n"))
		}
		return
	}
	if err := getSettings(t.Context(), elsewhere, gitlab.TLS{}); err != nil {
		t.Error(err)
	}
	// This proxy does not really connect.
	if err := getSettings(t.Context(), "https://gitlab.example.com", gitlab.TLS{}); !errors.Is(err, gitlab.ErrUnreachable) {
		t.Errorf("got error %v, want %v", err, gitlab.ErrUnreachable)
	}
	// Without the proxy, the host is not found.
	var dns *net.DNSError
	if err := getSettings(t.Context(), "http://no-proxy.invalid", gitlab.TLS{}); !errors.As(err, &dns) {
		t.Errorf("got error %v, want one of DNS", err)
	}
}
