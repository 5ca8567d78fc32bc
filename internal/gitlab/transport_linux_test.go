package gitlab

import (
	"crypto/tls"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestTheCACertIsAddedToTheSystemsRoots runs on Linux, where the environment
// can replace the system's roots, once for each process: so the test runs once
// more in one of its own.
func TestTheCACertIsAddedToTheSystemsRoots(t *testing.T) {
	t.Parallel()
	if server := os.Getenv("TEST_SERVER"); server != "" {
		for name, config := range map[string]TLS{"no CACert": {}, "another CACert": {CACert: newIdentity(t).cert}} {
			if err := getSettings(t.Context(), server, config); err != nil {
				t.Errorf("with %s: %v", name, err)
			}
		}
		return
	}
	system := newIdentity(t)
	server, asked := tlsServer(t, &tls.Config{MinVersion: tls.VersionTLS12}, system)
	roots := filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(roots, system.cert, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), "SSL_CERT_FILE="+roots, "TEST_SERVER="+server)
	if output, err := cmd.CombinedOutput(); err != nil || asked.Load() != 2 {
		t.Errorf("%d requests of a process of its own: %v\n%s", asked.Load(), err, output)
	}
}
