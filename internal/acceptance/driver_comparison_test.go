package acceptance_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// comparison is a step that the driver and the real command both take.
type comparison struct {
	name   string
	gitlab func(*gitlabsim.Server) // happens before
	config string
	args   []string
}

// TestTheDriverDoesWhatTerraformDoes takes the same steps with both. They must
// agree about actions, differences, requests, diagnostics, exit codes and state.
func TestTheDriverDoesWhatTerraformDoes(t *testing.T) {
	t.Parallel()
	// The driver prints what Terraform prints, and OpenTofu has words of its own.
	newGitLab(t).newWorkspace(t, "").needs("1.11", "99")
	apply, plan, destroy := []string{"apply", "-auto-approve"}, []string{"plan", "-detailed-exitcode"}, []string{"destroy", "-auto-approve"}
	with := func(args []string, more ...string) []string { return slices.Concat(args, more) }
	forbidden := func(method, path string) func(*gitlabsim.Server) {
		return func(s *gitlabsim.Server) {
			s.AddFault(gitlabsim.Fault{Method: method, Path: path, Effect: gitlabsim.JSON(http.StatusForbidden, `{"message":"403 Forbidden"}`)})
		}
	}
	clear := func(s *gitlabsim.Server) { s.ClearFaults() }
	later := "resource \"terraform_data\" \"later\" {\n  input = %q\n}\nresource \"errortracking_settings\" \"test\" {\n  project = terraform_data.later.output\n  active = true\n}\n"
	first := "lifecycle { create_before_destroy = true }"
	outputs := clientKey("acme/p1") + strings.Replace(clientKeys("acme/p1"), "}", "  depends_on = [errortracking_client_key.test]\n}", 1) + "output \"n\" {\n  value = length(data.errortracking_client_keys.test.client_keys)\n}\noutput \"id\" {\n  value = errortracking_client_key.test.key_id\n}\n"
	for name, steps := range map[string][]comparison{
		"one project": {
			{"plan", nil, settings("acme/p1", "active = false", `on_destroy = "restore"`), plan},
			{"create", nil, settings("acme/p1", "active = false", `on_destroy = "restore"`), apply},
			{"nothing", nil, settings("acme/p1", "active = false", `on_destroy = "restore"`), plan},
			{"drift", func(s *gitlabsim.Server) { s.SetSettings(1, gitlabsim.SentryLink(sentryURL)) }, settings("acme/p1", "active = false", `on_destroy = "restore"`), with(plan, "-refresh-only")},
			{"update", nil, settings("1", "active = false", "integrated = true", `on_destroy = "restore"`), apply},
			{"ignored", nil, settings("1", "active = true", "integrated = false", `on_destroy = "restore"`, "lifecycle { ignore_changes = [integrated] }"), plan},
			{"another project", nil, settings("acme/p2", "active = true"), plan},
			{"replace", nil, settings("acme/p2", "active = true"), apply},
			{"as requested", nil, settings("acme/p2", "active = true"), with(plan, "-replace="+address)},
			{"not found", nil, settings("acme/nothing", "active = true"), plan},
			{"gone", func(s *gitlabsim.Server) { s.RemoveProject(2) }, settings("acme/p2", "active = true"), plan},
			{"destroy", nil, settings("acme/p2", "active = true"), with(destroy, "-refresh=false")},
		},
		"what fails": {
			{"invalid", nil, settings("web", "active = true"), []string{"validate"}},
			{"an update", forbidden(http.MethodPatch, "/projects/1/"), settings("1", "active = true"), apply},
			{"a read", forbidden(http.MethodGet, "/projects/1/"), settings("1", "active = true"), plan},
			{"an import", nil, settings("1", "active = true"), []string{"import", address, "acme/nothing"}},
			{"imported", clear, settings("1", "active = true"), []string{"import", address, "acme/p1"}},
			{"a destroy", forbidden(http.MethodPatch, "/projects/1/"), settings("1", "active = true", `on_destroy = "disable"`), apply},
			{"a destroy with disable", nil, settings("1", "active = true", `on_destroy = "disable"`), destroy},
		},
		"a tainted one": {
			{"create in doubt", func(s *gitlabsim.Server) {
				s.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Times: 1, Effect: gitlabsim.ResetAfter()})
			}, settings("acme/p1", "active = false", `on_destroy = "restore"`), apply},
			{"plan", nil, settings("acme/p1", "active = false", `on_destroy = "restore"`), plan},
			{"again", nil, settings("acme/p1", "active = false", `on_destroy = "restore"`), apply},
			{"destroy", nil, "", apply},
		},
		"a deposed one": {
			{"create", nil, settings("acme/p1", "active = true", `on_destroy = "disable"`, first), apply},
			{"replace", forbidden(http.MethodPatch, "/projects/1/"), settings("acme/p2", "active = true", `on_destroy = "disable"`, first), apply},
			{"plan", clear, settings("acme/p2", "active = true", `on_destroy = "disable"`, first), plan},
			{"destroy it", nil, settings("acme/p2", "active = true", `on_destroy = "disable"`, first), apply},
			{"no successor", forbidden(http.MethodPatch, "/projects/1/"), settings("acme/p1", "active = true", `on_destroy = "disable"`, first), apply},
		},
		"many": {
			{"warnings", nil, counted(4, "active = false"), plan},
			{"create", nil, counted(4, "active = true"), apply},
			{"fewer", nil, counted(2, "active = true"), plan},
			{"for each", nil, "resource \"errortracking_settings\" \"test\" {\n  for_each = toset([\"1\", \"2\"])\n  project = each.key\n  active = false\n}\n", plan},
		},
		"outputs and data": {
			{"plan", nil, outputs, plan},
			{"create", nil, outputs, apply},
			{"nothing", nil, outputs, plan},
			{"sensitive", nil, outputs + "output \"dsn\" {\n  value = errortracking_client_key.test.sentry_dsn\n}\n", plan},
			{"destroy", nil, outputs, destroy},
		},
		"known only after apply": {
			{"plan", nil, fmt.Sprintf(later, "acme/p1"), plan},
			{"create", nil, fmt.Sprintf(later, "acme/p1"), apply},
			{"nothing", nil, fmt.Sprintf(later, "acme/p1"), plan},
			{"replace", nil, fmt.Sprintf(later, "acme/p2"), apply},
			{"destroy", nil, fmt.Sprintf(later, "acme/p2"), destroy},
		},
		"a group": {
			{"plan", nil, groupSettings("acme", "active = true"), plan},
			{"create", nil, groupSettings("acme", "active = true"), apply},
			{"drift", func(s *gitlabsim.Server) { s.SetSettings(3, turnedOff()) }, groupSettings("acme", "active = true"), plan},
			{"exclude", nil, groupSettings("acme", "active = true", `exclude = ["acme/p2", "acme/p3"]`), plan},
			{"save", nil, groupSettings("acme", "active = true", `exclude = ["acme/p2"]`), []string{"plan", "-out=saved.tfplan"}},
			{"saved", nil, groupSettings("acme", "active = true"), []string{"apply", "saved.tfplan"}},
			{"stale", nil, groupSettings("acme", "active = true"), []string{"apply", "saved.tfplan"}},
			{"widen", nil, groupSettings("acme", "active = true"), plan},
			{"destroy", nil, groupSettings("acme", "active = true"), destroy},
		},
		"moved and imported": {
			{"import", nil, imports(address, "acme/p1") + settings("acme/p1", "active = false", `on_destroy = "restore"`), plan},
			{"imported", nil, imports(address, "acme/p1") + settings("acme/p1", "active = false", `on_destroy = "restore"`), apply},
			{"move", nil, "moved {\n  from = errortracking_settings.test\n  to = errortracking_settings.new\n}\n" + settingsNamed("new", "acme/p1", "active = false", `on_destroy = "restore"`), apply},
			{"remove", nil, "", plan},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var taken [2][]string
			for i := range taken {
				g := newGitLab(t, linked(4)...)
				w := g.newWorkspace(t, "")
				w.real = i == 1
				for _, step := range steps {
					if step.gitlab != nil {
						step.gitlab(g.sim)
					}
					w.write(g.config(step.config))
					taken[i] = append(taken[i], step.name+"\n"+strings.ReplaceAll(w.run(step.args...).essence(w), g.url, "URL"))
				}
			}
			for i := range steps {
				if taken[0][i] != taken[1][i] {
					t.Errorf("The driver:\n%s\nTerraform:\n%s", taken[0][i], taken[1][i])
				}
			}
		})
	}
}

// What depends on another object is destroyed before it.
func TestDependentsAreDestroyedFirst(t *testing.T) {
	t.Parallel()
	after := func(config, address string) string {
		return strings.Replace(config, "}", "  depends_on = ["+address+"]\n}", 1)
	}
	_, w := applied(t, clientKeyNamed("a", "1")+after(clientKeyNamed("b", "1"), "errortracking_client_key.a")+after(clientKeyNamed("c", "1"), "errortracking_client_key.b")+
		after(settings("1", "active = true", `on_destroy = "disable"`), "errortracking_client_key.c"), withIntegrated())
	w.run("destroy", "-auto-approve", "-refresh=false").ok().asked(patch("1", bodyOff), deleteKey("1", 3), deleteKey("1", 2), deleteKey("1", 1))
}

// essence is what of an outcome must be the same: all but times, the order in
// which parallel things happen, and how text is laid out.
func (o *outcome) essence(w *workspace) string {
	requests := slices.Clone(o.requests)
	slices.Sort(requests)
	said := regexp.MustCompile(`(?m)^(Error|Warning): `).FindAllStringIndex(o.output, -1)
	before := o.output
	diagnostics := make([]string, len(said))
	for i := len(said) - 1; i >= 0; i-- {
		// Some lines of the configuration are quoted with their numbers.
		diagnostics[i] = regexp.MustCompile(`(?m)^ +\d+:.*$`).ReplaceAllString(before[said[i][0]:], "")
		diagnostics[i], _, _ = strings.Cut(flat(diagnostics[i]), " Apply complete!")
		before = before[:said[i][0]]
	}
	slices.Sort(diagnostics)
	var planned []string
	for line := range strings.Lines(before) {
		line = strings.Join(strings.Fields(line), " ")
		if strings.HasPrefix(line, "# ") && !strings.HasPrefix(line, "# (") {
			planned = append(planned, "")
		}
		reason := strings.HasPrefix(line, "# (") && !strings.Contains(line, "unchanged")
		if last := len(planned) - 1; !reason && regexp.MustCompile(`^([-+~#]|[-+]/[-+]|<=|[}\]]|[a-z_]+ = )`).MatchString(line) && last >= 0 {
			planned[last] += line + "\n"
		}
	}
	slices.Sort(planned)
	planned = append(planned, regexp.MustCompile(`Plan: .*|No changes`).FindString(before))
	s, err := readState(w.statePath())
	if err != nil {
		o.t.Fatal(err)
	}
	all := fmt.Sprintf("exit code %d\n%s\n%s\n%s\n%s\n%s", o.code, strings.Join(requests, "\n"), strings.Join(diagnostics, "\n"),
		strings.Join(planned, "\n"), regexp.MustCompile(`Resources: .*`).FindString(o.output), s.essence())
	for pattern, instead := range map[string]string{`glet_\w+`: "glet", `01SIM\w+`: "REQUEST", `deposed object \w+`: "deposed object", `"deposed":"\w+"`: "deposed", `"id":"[^"]+"`: `"id":"ID"`, `(id = )"[^"]+"`: `$1"ID"`, `tcp 127.0.0.1:\d+->127.0.0.1:\d+`: "tcp", `"store":null,`: ""} {
		all = regexp.MustCompile(pattern).ReplaceAllString(all, instead)
	}
	return all
}

// essence leaves out what differs by version.
func (s *state) essence() string {
	for at, r := range s.records {
		s.records[at] = &record{r.declared, instance{IndexKey: r.IndexKey, Status: r.Status, Deposed: r.Deposed, Attributes: r.Attributes, Private: r.Private}}
	}
	return s.says()
}
