package acceptance_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// withoutID answers without a request id, as a proxy in front of GitLab does.
func withoutID(effect gitlabsim.Effect) gitlabsim.Effect {
	return func(w http.ResponseWriter, r *http.Request, answer func() gitlabsim.Answer) {
		w.Header().Del("X-Request-Id")
		effect(w, r, answer)
	}
}

// words of advice that fit one kind of answer only.
const (
	ofTheRole  = "Maintainer"
	ofTheFlag  = "integrated_error_tracking"
	ofTheLink  = "enter the Sentry link"
	ofTheProxy = "HTTPS_PROXY"
)

func TestEachAnswerToAReadEndsInItsOwnWords(t *testing.T) {
	t.Parallel()
	const keys = "client keys"
	for name, c := range map[string]struct {
		of            string // "error tracking settings" if it is not given
		effect        gitlabsim.Effect
		tries         int    // 1 if it is not given; -1 if it depends on the machine how many arrive
		with          string // arguments of the provider
		says, saysNot []string
	}{
		"a fine-grained token without the permission": {
			effect: gitlabsim.InsufficientGranularScope("Error Tracking Settings: Read"),
			says:   []string{"fine-grained", "[Error Tracking Settings: Read]"}, saysNot: []string{ofTheRole, "role"}},
		"a fine-grained token that may not see the project": {
			effect: gitlabsim.JSON(http.StatusNotFound, `{"message":"404 Not Found"}`),
			says:   []string{"fine-grained", "hides"}, saysNot: []string{ofTheRole, ofTheFlag, "older", "is gone"}},
		"a user who is blocked": {
			effect: gitlabsim.Forbidden("Your account has been blocked."),
			says:   []string{`says why: "403 Forbidden - Your account has been blocked."`}, saysNot: []string{ofTheRole, "role"}},
		"a role that is too low": {
			effect: gitlabsim.JSON(http.StatusForbidden, `{"message":"403 Forbidden"}`),
			says:   []string{ofTheRole}, saysNot: []string{"fine-grained", "says why"}},
		"a GitLab without the endpoint": {
			effect: gitlabsim.JSON(http.StatusNotFound, `{"error":"404 Not Found"}`),
			says:   []string{"does not have this endpoint", "12.7"}, saysNot: []string{"no such project", "is gone", ofTheFlag, "fine-grained"}},
		"an error in place of settings": {
			effect: gitlabsim.JSON(http.StatusOK, `{"error":"not today"}`),
			says:   []string{"does not look like GitLab's API"}, saysNot: []string{"did not accept", ofTheLink}},
		"a sign-in page": {
			effect: gitlabsim.HTML(http.StatusOK, "<html>Sign in</html>"), says: []string{"does not look like GitLab's API", "base_url", "text/html"}},
		"a web page for 404": {
			effect: gitlabsim.HTML(http.StatusNotFound, "<html>404</html>"), says: []string{"does not look like GitLab's API"}, saysNot: []string{"is gone"}},
		"JSON without active":    {effect: gitlabsim.JSON(http.StatusOK, `{"integrated":false}`), says: []string{"holds no settings"}},
		"active of another type": {effect: gitlabsim.JSON(http.StatusOK, `{"active":"yes"}`), says: []string{"another shape"}},
		"a body that is cut off": {effect: gitlabsim.CutOff(), tries: 3, says: []string{"No answer from GitLab", "unexpected EOF"}},
		"none in time": {
			effect: gitlabsim.Delay(time.Minute), with: `request_timeout = "200ms"`, tries: -1, says: []string{"did not answer in time", "200ms (request_timeout)"}},
		"not modified": {
			effect: gitlabsim.Status(http.StatusNotModified, nil, ""),
			says:   []string{"does not look like GitLab's API", "Answer: 304"}, saysNot: []string{"redirect"}},
		"a proxy that wants to know who asks": {
			effect: gitlabsim.HTML(http.StatusProxyAuthRequired, "<html>"),
			says:   []string{"The proxy", "407", ofTheProxy}, saysNot: []string{"GitLab rejected the token", ofTheRole}},
		"a failure without a request id": {
			effect: withoutID(gitlabsim.HTML(http.StatusInternalServerError, "<html>")), tries: 3,
			says: []string{"failed after 3 tries (500)"}, saysNot: []string{"equest id"}},
		"a failure with a request id": {
			effect: gitlabsim.JSON(http.StatusInternalServerError, `{"message":"500 Internal Server Error"}`), tries: 3,
			says: []string{"GitLab, or a proxy in front of it, failed after 3 tries (500)", "500 Internal Server Error", "give GitLab's administrator the request id", "Request id: 01SIM"}},
		"words that would clear the screen": {
			effect: gitlabsim.JSON(http.StatusUnprocessableEntity, `{"message":"no\u001b[2J\u202e\u0007 more"}`),
			says:   []string{`"no [2J more"`}},
		"an endpoint's own rate limit that asks for too long": {
			effect: gitlabsim.Status(http.StatusTooManyRequests, http.Header{"Content-Type": {"application/json"}, "Retry-After": {"400"}},
				`{"message":{"error":"This endpoint has been requested too many times. Try again later."}}`),
			says: []string{"rate limit is exhausted", "6m40s", "too many times"}},
		"a rate limit that asks for an hour": {
			effect: gitlabsim.Throttle(time.Hour),
			says:   []string{"GitLab's rate limit is exhausted: it asks to wait 1h0m0s", "Run again later"}, saysNot: []string{"parallelism"}},
		"503 that asks for an hour": {
			effect: gitlabsim.Status(http.StatusServiceUnavailable, http.Header{"Retry-After": {"3600"}}, "down"),
			says:   []string{"failed after 1 try (503), and asks to wait 1h0m0s"}},
		"a redirect to a sign-in page, from a base_url without the relative URL root": {
			effect: gitlabsim.Status(http.StatusFound, http.Header{"Location": {"/gitlab/users/sign_in"}}, ""),
			says:   []string{"redirects the request, and the redirect cannot be followed", "base_url", "/gitlab/users/sign_in"}},
		"11 MiB of JSON": {
			effect: gitlabsim.JSON(http.StatusOK, `{"active":true,"project_name":"`+strings.Repeat("x", 11<<20)+`"}`),
			says:   []string{"does not look like GitLab's API", "more than 10 MiB"}},
		"null in place of keys":         {of: keys, effect: gitlabsim.JSON(http.StatusOK, `null`), says: []string{"holds no list"}},
		"other things in place of keys": {of: keys, effect: gitlabsim.JSON(http.StatusOK, `[{"name":"x"}]`), says: []string{"list of something else"}},
		"a GitLab that has no keys": {
			of: keys, effect: gitlabsim.JSON(http.StatusNotFound, `{"error":"404 Not Found"}`), says: []string{"does not have this endpoint", "14.3"}},
		"a role that is too low for keys": {of: keys, effect: gitlabsim.JSON(http.StatusForbidden, `{"message":"403 Forbidden"}`), says: []string{ofTheRole}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, of := settings("1", "active = true"), "error tracking settings"
			if c.of != "" {
				body, of = clientKey("1"), c.of
			}
			g, w := applied(t, body, withSentry())
			before := w.state()
			g.sim.AddFault(gitlabsim.Fault{Effect: c.effect})
			w.write(strings.Replace(g.config(body), "retries = 0", "retries = 2\n  "+c.with, 1))
			out := w.run("plan").fails().says("Cannot read the " + of + " of project 1").says(c.says...).saysNot(c.saysNot...)
			if strings.ContainsAny(out.output, "\x1b\a\u202e") {
				t.Errorf("the terminal gets %q", out.output)
			}
			if got := len(out.requests); c.tries >= 0 && got != max(1, c.tries) {
				t.Errorf("it tries %d times", got)
			}
			if w.state() != before {
				t.Error("the state changed")
			}
		})
	}
}

func TestEachAnswerToAWriteEndsInItsOwnWords(t *testing.T) {
	t.Parallel()
	refusal := func(words string) gitlabsim.Effect {
		return gitlabsim.OnWrites(gitlabsim.JSON(http.StatusOK, fmt.Sprintf(`{"message":%q,"status":"error","http_status":"forbidden"}`, words)))
	}
	for name, c := range map[string]struct {
		effect        gitlabsim.Effect
		says, saysNot []string
	}{
		"a read-only GitLab": {gitlabsim.ReadOnly(),
			[]string{"is read-only", "base_url to the primary"}, []string{ofTheRole, "maintenance", "redirect"}},
		"maintenance mode": {gitlabsim.Maintenance(),
			[]string{"maintenance mode", "Apply again"}, []string{ofTheRole, "primary", "redirect"}},
		"a redirect to the root": {gitlabsim.OnWrites(gitlabsim.Status(http.StatusMovedPermanently, http.Header{"Location": {"/"}}, "")),
			[]string{"is read-only"}, []string{ofTheRole, "sign-in page"}},
		"a lock that is taken": {gitlabsim.OnWrites(gitlabsim.JSON(http.StatusConflict, `{"message":"409 Conflict: Resource lock"}`)),
			[]string{"busy with another change", "Apply again"}, []string{ofTheRole, "report this"}},
		"a refusal for want of a link": {refusal("Error tracking setting api url is a required field and Error tracking setting token is a required field"),
			[]string{ofTheLink, "integrated = true", "api url is a required field"}, []string{"Outbound"}},
		"a refusal of the Sentry URL": {gitlabsim.BlockedURL(),
			[]string{"Outbound requests", "api url is blocked"}, []string{"integrated = true", "required field"}},
		"a refusal for another cause": {refusal("Validation failed: Name is too long"),
			[]string{"Name is too long", "GitLab's words"}, []string{ofTheLink, "integrated = true", "Outbound"}},
	} {
		story(t, name, settings("1", "active = true"), []gitlabsim.Project{withSentry()}, func(g *fakeGitLab, w *workspace) {
			w.apply().ok()
			w.write(g.config(settings("1", "active = false")))
			g.sim.AddFault(gitlabsim.Fault{Effect: c.effect})
			w.apply().fails().says("Cannot set error tracking for project 1").says(c.says...).saysNot(c.saysNot...)
			g.has(w.t, 1, *gitlabsim.SentryLink(sentryURL))
		})
	}
}

func TestAFineGrainedTokenInAWalk(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		effect gitlabsim.Effect
		code   int
		says   string
	}{
		"without the permission is an error":                {gitlabsim.InsufficientGranularScope("Error Tracking Settings: Read"), 1, "fine-grained"},
		"of a user who is blocked is an error":              {gitlabsim.Forbidden("Your account has been blocked."), 1, "has been blocked"},
		"that may not see a project leaves this one out":    {gitlabsim.JSON(http.StatusNotFound, `{"message":"404 Not Found"}`), 0, "Left out: acme/web"},
		"of a user with too low a role leaves this one out": {gitlabsim.JSON(http.StatusForbidden, `{"message":"403 Forbidden"}`), 0, "Left out: acme/web"},
	} {
		story(t, name, groupData("acme"), []gitlabsim.Project{withSentry()}, func(g *fakeGitLab, w *workspace) {
			g.sim.AddFault(gitlabsim.Fault{Path: "/settings", Effect: c.effect})
			w.run("plan").exits(c.code).says(c.says)
		})
	}
}

func TestAProjectThatIsBeingDeletedIsNotManaged(t *testing.T) {
	t.Parallel()
	g, w := begun(t, settings("acme/web", "active = false"), withSentry())
	g.sim.MoveProject(1, "acme/web-deletion_scheduled-1")
	w.apply().fails().says("acme/web", "is being deleted").saysNot("deletion_scheduled").writes()
	g.has(t, 1, *gitlabsim.SentryLink(sentryURL))
}

func TestOneCauseIsToldOnce(t *testing.T) {
	t.Parallel()
	const n = 40
	for name, c := range map[string]struct {
		fault func(*fakeGitLab)
		full  string
		short string
	}{
		"a revoked token": {func(g *fakeGitLab) { g.sim.AddToken(maintainerToken, gitlabsim.Token{State: gitlabsim.Revoked}) },
			"Token was revoked", "the token was rejected"},
		"a GitLab that is down": {func(g *fakeGitLab) {
			g.sim.AddFault(gitlabsim.Fault{Effect: gitlabsim.HTML(http.StatusBadGateway, "<html>")})
		}, "GitLab, or a proxy in front of it, failed", "GitLab failed"},
		"a user who is blocked": {func(g *fakeGitLab) {
			g.sim.AddFault(gitlabsim.Fault{Effect: gitlabsim.Forbidden("Your account has been blocked.")})
		}, "says why", "the token's user may not do this for a reason"},
	} {
		story(t, name, counted(n, "active = true"), linked(n), func(g *fakeGitLab, w *workspace) {
			w.apply().ok()
			c.fault(g)
			out := w.run("plan").fails().repeats(c.full, 1).repeats("As in another error: "+c.short+".", n-1)
			for id := 1; id <= n; id++ {
				out.says(fmt.Sprintf("Cannot read the error tracking settings of project %d", id))
			}
		})
	}
}

func (g *fakeGitLab) spoiling(t *testing.T, change func(escaped string) string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		spoiled, err := url.ParseRequestURI(change(r.URL.EscapedPath()) + "?" + r.URL.RawQuery)
		if err != nil {
			http.Error(w, "no such page", http.StatusNotFound)
			return
		}
		r.URL = spoiled
		g.sim.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestAProxyThatSpoilsPathsIsNamedWithTheWayPastIt(t *testing.T) {
	t.Parallel()
	proxies := map[string]func(string) string{
		"decodes them":       func(path string) string { return strings.ReplaceAll(path, "%2F", "/") },
		"encodes them again": func(path string) string { return strings.ReplaceAll(path, "%2F", "%252F") },
		"does not like them": func(path string) string { return strings.Replace(path, "%2F", "%", 1) + "%" },
	}
	for proxy, change := range proxies {
		for _, asked := range []struct {
			by         func(*session, string, arguments) *session
			name, what string
		}{
			{(*session).plan, "errortracking_settings", "project"}, {(*session).data, "errortracking_settings", "project"},
			{(*session).data, "errortracking_client_keys", "project"},
			{(*session).plan, "errortracking_group_settings", "group"}, {(*session).data, "errortracking_group_settings", "group"},
		} {
			t.Run(proxy+" of "+asked.name, func(t *testing.T) {
				t.Parallel()
				g := newGitLab(t, gitlabsim.Project{ID: 1, Path: "acme/shop/web", Settings: gitlabsim.SentryLink(sentryURL)})
				g.sim.AddGroup(gitlabsim.Group{ID: 7, Path: "acme/shop"})
				block := arguments{"base_url": g.spoiling(t, change), "token": maintainerToken}
				path, id := "acme/shop/web", "1"
				if asked.what == "group" {
					path, id = "acme/shop", "7"
				}
				asked.by(newSession(t, block), asked.name, arguments{asked.what: path}).says("%2F", "give the numeric id instead of the path")
				asked.by(newSession(t, block), asked.name, arguments{asked.what: id}).saysNot("%2F", "numeric id")
			})
		}
	}
}
