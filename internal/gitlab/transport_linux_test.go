package gitlab_test

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// TestTheCACertIsAddedToTheSystemsRoots runs on Linux, where the environment
// can replace the system's roots.
func TestTheCACertIsAddedToTheSystemsRoots(t *testing.T) {
	t.Parallel()
	system := newIdentity(t)
	server := tlsServer(t, &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{system.pair}}, answerSettings)
	roots := filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(roots, system.cert, 0o600); err != nil {
		t.Fatal(err)
	}
	if again(t, "SSL_CERT_FILE="+roots, "TEST_SERVER="+server.URL) {
		return
	}
	for name, config := range map[string]gitlab.TLS{
		"without a CACert":             {},
		"with one of another identity": {CACert: newIdentity(t).cert},
	} {
		if err := getSettings(t.Context(), os.Getenv("TEST_SERVER"), config); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
