package acceptance_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/errortracking/terraform-provider-errortracking/internal/provider"
)

// arguments are those of a block; what is left out is null.
type arguments map[string]any

func (a arguments) dynamic(t *testing.T) *tfprotov6.DynamicValue {
	t.Helper()
	text, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	return &tfprotov6.DynamicValue{JSON: text}
}

// session is a provider in this process that Terraform has told its block.
type session struct {
	*outcome // with all that it has said so far
	server   tfprotov6.ProviderServer
}

func newSession(t *testing.T, block arguments) *session {
	t.Helper()
	s := &session{&outcome{t: t, command: "(its protocol)"}, provider.NewServer("test")}
	validated, err := s.server.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: block.dynamic(t)})
	if err != nil {
		t.Fatal(err)
	}
	configured, err := s.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: block.dynamic(t)})
	if err != nil {
		t.Fatal(err)
	}
	s.hear(append(validated.Diagnostics, configured.Diagnostics...))
	return s
}

func (s *session) hear(diagnostics []*tfprotov6.Diagnostic) {
	for _, d := range diagnostics {
		s.output += d.Summary + "\n" + d.Detail + "\n"
	}
}

// plan plans the creation of a resource, and data reads a data source.
func (s *session) plan(name string, body arguments) *session {
	s.t.Helper()
	config := body.dynamic(s.t)
	resp, err := s.server.PlanResourceChange(s.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: name, Config: config, ProposedNewState: config, PriorState: &tfprotov6.DynamicValue{JSON: []byte("null")},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.hear(resp.Diagnostics)
	return s
}

func (s *session) data(name string, body arguments) *session {
	s.t.Helper()
	resp, err := s.server.ReadDataSource(s.t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: body.dynamic(s.t)})
	if err != nil {
		s.t.Fatal(err)
	}
	s.hear(resp.Diagnostics)
	return s
}

// list asks for a list of settings, and keeps what is said of each.
func (s *session) list(config arguments, limit int64, whole bool) []tfprotov6.ListResourceResult {
	s.t.Helper()
	server, ok := s.server.(tfprotov6.ListResourceServer)
	if !ok {
		s.t.Fatal("the provider lists nothing")
	}
	stream, err := server.ListResource(s.t.Context(), &tfprotov6.ListResourceRequest{
		TypeName: "errortracking_settings", Config: config.dynamic(s.t), IncludeResource: whole, Limit: limit,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	results := slices.Collect(stream.Results)
	for _, r := range results {
		s.hear(r.Diagnostics)
	}
	return results
}
