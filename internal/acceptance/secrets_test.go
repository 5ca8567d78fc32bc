package acceptance_test

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// Secrets that only GitLab and its proxy may see.
const (
	secretToken = "glpat-open-sesame"
	proxySecret = "swordfish-for-the-proxy"
)

// guarded is a workspace whose token and header come from files, because
// Terraform itself keeps configurations and variables in its plan files.
type guarded struct {
	*workspace
	header string
}

func (g *fakeGitLab) guardedWorkspace(t *testing.T, header, arguments, body string) guarded {
	t.Helper()
	g.sim.AddToken(secretToken, gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}})
	dir := t.TempDir()
	secret := func(name, value string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(value), 0o600); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("file(%q)", path)
	}
	return guarded{g.newWorkspace(t, fmt.Sprintf(`
provider "errortracking" {
  base_url = %q
  token    = %s
  headers  = { "X-Proxy-Secret" = %s }
  %s
}
`, g.url, secret("token", secretToken), secret("header", header), arguments)+body), header}
}

// keepsSecrets fails the test if a secret is in the output or in any file that
// the commands have left, even inside an archive.
func (w guarded) keepsSecrets(out *outcome) {
	w.t.Helper()
	w.keeps("the output of terraform "+out.command, []byte(out.output))
	w.search(os.DirFS(w.dir))
}

func (w guarded) keeps(place string, content []byte) {
	w.t.Helper()
	for _, secret := range []string{secretToken, proxySecret, strings.TrimSpace(w.header)} {
		if i := bytes.Index(content, []byte(secret)); i >= 0 {
			w.t.Errorf("%s is in %s: …%s…", secret, place, content[max(0, i-200):min(len(content), i+200)])
		}
	}
}

func (w guarded) search(files fs.FS) {
	w.t.Helper()
	if err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := fs.ReadFile(files, path)
		w.keeps(path, content)
		if archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content))); err == nil {
			w.search(archive)
		}
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
}

func TestSecretsStayInMemory(t *testing.T) {
	t.Parallel()
	for _, level := range []string{"TF_LOG=TRACE", "TF_LOG_PROVIDER=TRACE"} {
		t.Run("with "+level, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, withSentry())
			w := g.guardedWorkspace(t, proxySecret, "", settings("1", "active = true", `on_destroy = "restore"`))
			w.env = []string{level}
			for _, command := range [][]string{
				{"validate"}, {"plan", "-out=saved.tfplan"}, {"show", "-json", "saved.tfplan"}, {"apply", "saved.tfplan"},
				{"plan"}, {"show", "-json"}, {"destroy", "-auto-approve"},
			} {
				out := w.run(command...).ok()
				w.keepsSecrets(out)
				if !strings.Contains(out.output, "@module=sdk.proto") {
					t.Errorf("the log of terraform %s has nothing of the provider:\n%s", out.command, out.output)
				}
				for _, r := range g.sim.Requests() {
					if r.Header.Get("Private-Token") != secretToken || r.Header.Get("X-Proxy-Secret") != proxySecret {
						t.Errorf("%s came without the secrets", r)
					}
				}
			}
		})
	}
}

func TestSecretsStayInMemoryWhenThingsGoWrong(t *testing.T) {
	t.Parallel()
	const echo = "You sent token " + secretToken + " and " + proxySecret
	// A proxy in front of GitLab may repeat what it was sent.
	echoed := http.Header{"Content-Type": {"application/json"}, "X-Request-Id": {secretToken}}
	for name, c := range map[string]struct {
		effect gitlabsim.Effect
		header string
		url    string
		env    []string
		// writes lets the import pass.
		writes bool
		says   string
	}{
		"the token is rejected": {
			effect: gitlabsim.Status(http.StatusUnauthorized, echoed, `{"message":"401 Unauthorized","error":"`+echo+`"}`),
			says:   "401 Unauthorized: You sent token *** and ***"},
		"an error repeats the secrets": {
			effect: gitlabsim.Status(http.StatusForbidden, echoed, `{"message":{"`+secretToken+`":["`+echo+`"]}}`),
			says:   "*** You sent token *** and ***"},
		"a refusal repeats the secrets": {
			effect: gitlabsim.OnWrites(gitlabsim.JSON(http.StatusOK, `{"status":"error","message":"`+echo+`"}`)),
			writes: true, says: "You sent token *** and ***"},
		"a page repeats the secrets": {
			effect: gitlabsim.Status(http.StatusOK, http.Header{"Content-Type": {"text/" + secretToken}}, echo),
			says:   "Answer: 200, text/***"},
		"a server error repeats the secrets": {
			effect: gitlabsim.Status(http.StatusBadGateway, echoed, `{"message":"`+echo+`"}`),
			says:   "You sent token *** and ***"},
		"a redirect repeats the secrets": {
			effect: gitlabsim.Status(http.StatusFound, http.Header{"Location": {"https://u:" + secretToken + "@sso.invalid/" + secretToken + "?h=" + proxySecret}}, ""),
			says:   "to https://sso.invalid/***"},
		"a redirect to another GitLab repeats the secrets": {
			effect: gitlabsim.Status(http.StatusFound, http.Header{"Location": {"https://sso.invalid/" + secretToken + "/api/v4/projects/1/error_tracking/settings"}}, ""),
			says:   `set base_url = "https://sso.invalid/***"`},
		"an invalid Location repeats the secrets": {
			effect: gitlabsim.Status(http.StatusFound, http.Header{"Location": {"https://[" + secretToken}}, ""),
			says:   "no usable Location"},
		"the server does not speak HTTP and repeats the secrets": {
			effect: func(w http.ResponseWriter, _ *http.Request, _ func() gitlabsim.Answer) {
				conn, _, err := http.NewResponseController(w).Hijack()
				if err == nil {
					_, _ = io.WriteString(conn, secretToken+"/"+proxySecret+"\r\n")
					_ = conn.Close()
				}
			},
			says: "malformed HTTP response \"***/***\""},
		"a header's value is not allowed": {header: proxySecret + "\nmore", says: "X-Proxy-Secret"},
		"the proxy is not there": {
			url: "https://gitlab.invalid", env: []string{"HTTPS_PROXY=http://user:" + proxySecret + "@127.0.0.1:1"}, says: "proxyconnect"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, withSentry())
			if c.effect != nil {
				g.sim.AddFault(gitlabsim.Fault{Effect: c.effect})
			}
			if c.url != "" {
				g.url = strings.Replace(g.url, "http://127.0.0.1", c.url, 1)
			}
			w := g.guardedWorkspace(t, cmp.Or(c.header, proxySecret), "retries = 0", settings("1", "active = true"))
			w.env = append([]string{"TF_LOG=TRACE"}, c.env...)
			if !c.writes {
				w.keepsSecrets(w.run("import", address, "1").fails().says(c.says))
			}
			w.keepsSecrets(w.apply().fails().says(c.says))
		})
	}
}

func TestTheTokenGoesToNoOtherHost(t *testing.T) {
	t.Parallel()
	const path = "/api/v4/projects/1/error_tracking/settings"
	for _, status := range []int{http.StatusFound, http.StatusPermanentRedirect} {
		t.Run(fmt.Sprintf("by a redirect with %d", status), func(t *testing.T) {
			t.Parallel()
			stranger := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				t.Errorf("a stranger got %s %s with %v", r.Method, r.URL, r.Header)
			}))
			t.Cleanup(stranger.Close)
			g := newGitLab(t, withSentry())
			w := g.guardedWorkspace(t, proxySecret, fmt.Sprintf("cacert_file = %q\n  retries = 0", g.overTLS(t)), settings("1", "active = true"))

			// Another port without TLS, and another name of this machine.
			for _, location := range []string{stranger.URL, strings.Replace(stranger.URL, "127.0.0.1", "localhost", 1)} {
				redirect := func(method string) {
					g.sim.ClearFaults()
					g.sim.AddFault(gitlabsim.Fault{Method: method, Effect: gitlabsim.Status(status, http.Header{"Location": {location + path}}, "")})
				}
				redirect(http.MethodGet)
				w.run("import", address, "1").fails().says(fmt.Sprintf("set base_url = %q", location), "where the token is not sent").asked(get("1"))
				redirect(http.MethodPatch)
				w.apply().fails().says(fmt.Sprintf("set base_url = %q", location)).asked(get("1"), get("1"), patch("1", bodyOn))
			}
		})
	}
}

func TestTheLogHasALineForEachTryAndNoHeader(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, gitlabsim.Project{ID: 1, Path: "acme/web", Settings: gitlabsim.SentryLink(sentryURL)})
	w := g.guardedWorkspace(t, proxySecret, "", settings("acme/web", "active = true"))
	w.apply().ok()
	g.sim.AddFault(gitlabsim.Fault{Times: 1, Effect: gitlabsim.JSON(http.StatusInternalServerError, "{}")})
	w.env = []string{"TF_LOG=JSON"}
	out := w.run("plan").ok()

	var lines []map[string]any
	for text := range strings.Lines(out.output) {
		var line map[string]any
		if json.Unmarshal([]byte(text), &line) == nil && line["@message"] == "request to GitLab" {
			lines = append(lines, line)
		}
	}
	requests := g.sim.Requests()
	if len(lines) != 2 || len(requests) != 2 {
		t.Fatalf("%d lines of %d requests, want 2 of 2:\n%s", len(lines), len(requests), out.output)
	}
	for i, line := range lines {
		if took, ok := line["duration_ms"].(float64); !ok || took < 0 || took > 60_000 {
			t.Errorf("the duration is %v", line["duration_ms"])
		}
		maps.DeleteFunc(line, func(name string, _ any) bool {
			return slices.Contains([]string{"duration_ms", "timestamp", "@timestamp", "@caller", "@message"}, name) || strings.HasPrefix(name, "tf_")
		})
		if want := map[string]any{
			"@level": "debug", "@module": "errortracking.gitlab", "method": "GET", "path": "/projects/1/error_tracking/settings",
			"status": float64(requests[i].Status), "try": float64(i + 1), "request_id": requests[i].RequestID,
		}; !maps.Equal(line, want) {
			t.Errorf("the line is %v, want %v", line, want)
		}
	}
}

func TestNoValueOfTheBlockIsShown(t *testing.T) {
	t.Parallel()
	pem := "-----BEGIN PRIVATE KEY-----\nsesame\n-----END PRIVATE KEY-----\n"
	encoded := base64.StdEncoding.EncodeToString([]byte(pem))
	shows := func(name string, block arguments, says ...string) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSession(t, block)
			s.says(says...)
			s.saysNot("sesame", encoded)
		})
	}
	for name, value := range map[string]string{
		"the text of a PEM file": pem, "the text in one line": strings.ReplaceAll(pem, "\n", `\n`), "base64": encoded,
		"a name without a file": "sesame.pem", "a value with a null byte": "sesame\x00",
	} {
		for _, attribute := range []string{"cacert_file", "client_cert", "client_key"} {
			shows(attribute+" is "+name, arguments{"token": "x", "client_cert": "c.pem", "client_key": "k.pem", attribute: value},
				"Unreadable "+attribute, attribute+" must be the path of a PEM file", "give the path")
		}
	}
	shows("a token as token_type", arguments{"token": "x", "token_type": "glpat-sesame"}, `token_type must be "access_token" or "oauth2"`)
	shows("a token as request_timeout", arguments{"token": "x", "request_timeout": "glpat-sesame"}, "request_timeout must be a positive duration")
	shows("a token as base_url", arguments{"token": "x", "base_url": "glpat-sesame"}, "base_url must be")
	shows("a password in base_url", arguments{"token": "x", "base_url": "https://u:sesame@gitlab.example.com"}, "base_url must be")
	shows("a header's value as its name", arguments{"token": "x", "headers": map[string]string{"X-Secret: sesame": ""}}, "not the name of an HTTP header")
	shows("a header's value in two lines", arguments{"token": "x", "headers": map[string]string{"X-Secret": "sesame\nx"}}, `header "X-Secret"`)
	shows("a token in two lines", arguments{"token": "glpat-sesame\nx"}, "Invalid GitLab token")
}
