package acceptance_test

import (
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestBadConfigurationIsRejected(t *testing.T) {
	t.Parallel()
	garbage := filepath.Join(t.TempDir(), "garbage.pem")
	if err := os.WriteFile(garbage, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	one := settings("1", "active = true")
	for name, c := range map[string]struct {
		by, provider, body string
		env, says          []string
	}{
		"a base_url without scheme":       {"validate", `base_url = "gitlab.example.com"`, one, nil, []string{"base_url", "https://"}},
		"a base_url of host and port":     {"validate", `base_url = "127.0.0.1:8080"`, one, nil, []string{"base_url", "https://"}},
		"a base_url of another scheme":    {"validate", `base_url = "ftp://gitlab.example.com"`, one, nil, []string{"base_url", "https://"}},
		"a base_url without host":         {"validate", `base_url = "https:///x"`, one, nil, []string{"base_url", "names no host"}},
		"a base_url with a password":      {"validate", `base_url = "https://u:p@gitlab.example.com"`, one, nil, []string{"base_url", "user or a password"}},
		"a base_url with a query":         {"validate", `base_url = "https://gitlab.example.com?x=1"`, one, nil, []string{"base_url", "query"}},
		"a base_url with a fragment":      {"validate", `base_url = "https://gitlab.example.com#x"`, one, nil, []string{"base_url", "fragment"}},
		"a base_url that does not parse":  {"validate", `base_url = "https://[::1"`, one, nil, []string{"base_url", "does not parse"}},
		"negative retries":                {"validate", `retries = -1`, one, nil, []string{"retries", "between 0 and 100"}},
		"an unparsable request_timeout":   {"validate", `request_timeout = "soon"`, one, nil, []string{"request_timeout", `"45s"`}},
		"a request_timeout of zero":       {"validate", `request_timeout = "0s"`, one, nil, []string{"request_timeout", "positive"}},
		"a number as request_timeout":     {"validate", `request_timeout = 30`, one, nil, []string{"request_timeout", `"45s"`}},
		"an unknown token_type":           {"validate", `token_type = "basic"`, one, nil, []string{"token_type", "oauth2", "access_token"}},
		"half an mTLS pair, the cert":     {"validate", `client_cert = "c.pem"`, one, nil, []string{"Missing client_cert or client_key", "client_cert is set"}},
		"half an mTLS pair, the key":      {"validate", `client_key = "k.pem"`, one, nil, []string{"Missing client_cert or client_key", "client_key is set"}},
		"an mTLS pair with an empty key":  {"validate", "client_cert = \"c.pem\"\n  client_key = \"\"", one, nil, []string{"client_cert is set, but client_key is not"}},
		"an mTLS pair with an empty cert": {"validate", "client_cert = \"\"\n  client_key = \"k.pem\"", one, nil, []string{"client_key is set, but client_cert is not"}},
		"an unknown on_destroy":           {"validate", "", settings("1", "active = true", `on_destroy = "delete"`), nil, []string{"on_destroy", "disable", "keep", "restore"}},
		"a bare word":                     {"validate", "", settings("web", "active = true"), nil, []string{"Invalid project", `"group/project"`}},
		"a URL":                           {"validate", "", settings("https://gitlab.com/acme/web.git", "active = true"), nil, []string{"Invalid project", `"acme/web"`}},
		"a bad data source":               {"validate", "", "data \"errortracking_settings\" \"x\" {\n  project = \"/acme/web\"\n}\n", nil, []string{"Invalid project", `"acme/web"`}},
		"no token at all":                 {"plan", "", one, nil, []string{"Missing GitLab token", "GITLAB_TOKEN", "protected CI/CD variable is empty on branches that are not protected"}},
		"an empty token":                  {"plan", `token = ""`, one, []string{"GITLAB_TOKEN="}, []string{"Missing GitLab token"}},
		"a password in GITLAB_BASE_URL":   {"plan", `token = "x"`, one, []string{"GITLAB_BASE_URL=https://user:sesame@gitlab.example.com"}, []string{"Invalid base_url", "user or a password"}},
		"a bad GITLAB_BASE_URL":           {"plan", `token = "x"`, one, []string{"GITLAB_BASE_URL=gitlab.example.com"}, []string{"Invalid base_url", "GITLAB_BASE_URL", "https://"}},
		"a CA file without certificate":   {"plan", fmt.Sprintf("token = \"x\"\n  cacert_file = %q", garbage), one, nil, []string{"Invalid cacert_file", "no PEM certificate"}},
		"an invalid client certificate":   {"plan", fmt.Sprintf("token = \"x\"\n  client_cert = %q\n  client_key = %q", garbage, garbage), one, nil, []string{"Invalid client_cert", "garbage.pem"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newGitLab(t).newWorkspace(t, fmt.Sprintf("provider \"errortracking\" {\n  %s\n}\n", c.provider)+c.body)
			w.env = c.env
			w.run(c.by).fails().says(c.says...).says("main.tf line").saysNot("sesame").asked()
		})
	}
}

func TestConfigurationComesFirstThenEnvironment(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		block string
		env   []string
	}{
		"all from the environment": {`provider "errortracking" {}`, []string{"GITLAB_BASE_URL= <url>/ \n", "GITLAB_TOKEN=" + maintainerToken}},
		"an empty string counts as unset": {
			"provider \"errortracking\" {\n" + strings.Join([]string{"base_url", "token", "token_type", "cacert_file", "client_cert", "client_key", "request_timeout"}, " = \"\"\n") + " = \"\"\n}",
			[]string{"GITLAB_BASE_URL=<url>", "GITLAB_TOKEN=" + maintainerToken + "\n"}},
		"white space around values is dropped": {`provider "errortracking" {
  base_url = " <url>/ \n"
  token = "` + maintainerToken + `\n"
  token_type = "access_token\n"
  request_timeout = " 30s\n"
  cacert_file = "\n"
  client_cert = " "
}`, nil},
		"the block wins, and a header that is null counts as unset": {`provider "errortracking" {
  base_url = "<url>"
  token = "` + maintainerToken + `"
  headers = { "X-Proxy-Secret" = null }
}`, []string{"GITLAB_BASE_URL=http://127.0.0.1:1", "GITLAB_TOKEN=glpat-wrong"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, withSentry())
			ofGitLab := strings.NewReplacer("<url>", g.url)
			w := g.newWorkspace(t, ofGitLab.Replace(c.block+"\n"+settings("1", "active = true")))
			for _, variable := range c.env {
				w.env = append(w.env, ofGitLab.Replace(variable))
			}
			w.run("plan").ok().says("1 to add").asked(get("1"))
		})
	}
}

func TestRequestsCarryWhatIsConfigured(t *testing.T) {
	t.Parallel()
	g := newGitLabAs(t, gitlabsim.Config{Root: "/gitlab"}, withSentry())
	g.sim.AddToken("oauth-token", gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}, OAuth: true})
	w := g.newWorkspace(t, fmt.Sprintf(`
provider "errortracking" {
  base_url   = "%s/api/v4/"
  token      = "oauth-token"
  token_type = "oauth2"
  headers    = { "X-Proxy-Secret" = "sesame" }
}
`, g.url)+settings("acme/web", "active = true"))
	w.apply().ok().writes(patch("1", bodyOn))
	for _, r := range g.sim.Requests() {
		agent, _, _ := strings.Cut(r.Header.Get("User-Agent"), "(Terraform 1.")
		for name, c := range map[string]struct{ got, want string }{
			"Authorization":  {r.Header.Get("Authorization"), "Bearer oauth-token"},
			"Private-Token":  {r.Header.Get("Private-Token"), ""},
			"X-Proxy-Secret": {r.Header.Get("X-Proxy-Secret"), "sesame"},
			"User-Agent":     {agent, "terraform-provider-errortracking/0.0.1 "},
		} {
			if c.got != c.want {
				t.Errorf("%s is %q, want %q", name, c.got, c.want)
			}
		}
	}
}

// overTLS serves GitLab over TLS, and returns the file of its certificate.
func (g *fakeGitLab) overTLS(t *testing.T) (ca string) {
	t.Helper()
	server := httptest.NewTLSServer(g.sim)
	t.Cleanup(server.Close)
	g.url, ca = server.URL, filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return ca
}

func TestTLS(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withSentry())
	ca := g.overTLS(t)
	with := func(argument string) string {
		return strings.Replace(g.config(settings("1", "active = true")), "retries = 0", "retries = 3\n  "+argument, 1)
	}
	w := g.newWorkspace(t, with(""))
	w.apply().fails().says("certificate is not trusted", "cacert_file").asked()
	w.write(with(fmt.Sprintf("cacert_file = %q", ca)))
	w.run("plan").ok().saysNot("Warning")
	w.write(with("insecure = true"))
	w.run("plan").ok().says("Warning: GitLab's certificate is not verified", "cacert_file")
}

func TestUnreachableGitLabNamesTheCause(t *testing.T) {
	t.Parallel()
	g := newGitLab(t)
	const unencrypted = "Warning: The token travels unencrypted"
	for url, says := range map[string]string{
		"https://gitlab.invalid": "host in base_url cannot be found",
		"http://gitlab.invalid":  unencrypted,
		"http://127.0.0.1:1":     "Nothing is listening at base_url",
		"http://localhost:1":     "base_url", "http://[::1]:1": "base_url",
		"https" + strings.TrimPrefix(g.url, "http"): "does not speak TLS",
	} {
		w := g.newWorkspace(t, strings.Replace(g.config(settings("1", "active = true")), g.url, url, 1))
		out := w.run("plan").ok().says("Warning: GitLab could not be queried while planning", says, "Request: GET "+url+"/api/v4/projects/1/", "1 to add")
		if says != unencrypted {
			out.saysNot(unencrypted)
		}
		w.apply().fails().says("Cannot set error tracking for project 1", says)
	}
}

// connectProxy is a proxy that leads every CONNECT to GitLab, or to nothing.
func connectProxy(t *testing.T, gitlab http.Handler) string {
	t.Helper()
	var dialer net.Dialer
	behind := httptest.NewTLSServer(gitlab)
	t.Cleanup(behind.Close)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer from.Close()
		_, _ = io.WriteString(from, "HTTP/1.1 200 OK\r\n\r\n")
		if to, err := dialer.DialContext(r.Context(), "tcp", behind.Listener.Addr().String()); err == nil && gitlab != nil {
			go func() {
				_, _ = io.Copy(to, from)
				_ = to.Close()
			}()
			_, _ = io.Copy(from, to)
		}
	}))
	t.Cleanup(proxy.Close)
	return proxy.URL
}

func TestABaseURLThatIsNotSetIsNamedWhenGitLabDotComFails(t *testing.T) {
	t.Parallel()
	const words = "base_url is not set, so gitlab.com was asked"
	g := newGitLab(t, withSentry())
	for name, c := range map[string]struct {
		behind http.Handler
		url    string
		says   []string
		silent bool
	}{
		"it answers 401":         {g.sim, "", []string{"GitLab rejected the token", words, "GITLAB_BASE_URL"}, false},
		"it cannot be reached":   {nil, "", []string{"No answer from GitLab", words}, false},
		"base_url names it":      {g.sim, "https://gitlab.com", []string{"GitLab rejected the token"}, true},
		"base_url names another": {g.sim, "https://gitlab.example.com", []string{"GitLab rejected the token"}, true},
		"another is not reached": {nil, "https://gitlab.example.com", []string{"No answer from GitLab"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := g.newWorkspace(t, "provider \"errortracking\" {\n  insecure = true\n  retries = 0\n}\n"+dataSource("1"))
			w.env = []string{"GITLAB_TOKEN=glpat-of-another-gitlab", "HTTPS_PROXY=" + connectProxy(t, c.behind), "GITLAB_BASE_URL=" + c.url}
			out := w.run("plan").fails().says(c.says...)
			if c.silent {
				out.saysNot(words)
			}
		})
	}
}
