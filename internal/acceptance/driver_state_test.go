package acceptance_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// declared is what an object in a state file belongs to.
type declared struct {
	Mode     string `json:"mode"`
	Type     string `json:"type"`
	Name     string `json:"name"`
	Provider string `json:"provider"`
}

// instance is an object as the file, version 4, has it.
type instance struct {
	IndexKey            any             `json:"index_key,omitempty"`
	Status              string          `json:"status,omitempty"`
	Deposed             string          `json:"deposed,omitempty"`
	SchemaVersion       int64           `json:"schema_version"`
	Attributes          json.RawMessage `json:"attributes"`
	SensitiveAttributes []any           `json:"sensitive_attributes"`
	Identity            json.RawMessage `json:"identity,omitempty"`
	Private             []byte          `json:"private,omitempty"`
	Dependencies        []string        `json:"dependencies,omitempty"`
	CreateBeforeDestroy bool            `json:"create_before_destroy,omitempty"`
}

// record is both.
type record struct {
	declared
	instance
}

func (r *record) tainted() bool { return r.Status == "tainted" }

// resource is the address of what declares the object.
func (r *record) resource() string { return resourceAddress(r.Mode == "data", r.Type, r.Name) }

func resourceAddress(data bool, kind, name string) string {
	if data {
		return "data." + kind + "." + name
	}
	return kind + "." + name
}

// address is the object's own, without the deposed key.
func (r *record) address() string {
	switch key := r.IndexKey.(type) {
	case float64:
		return fmt.Sprintf("%s[%d]", r.resource(), int(key))
	case string:
		return fmt.Sprintf("%s[%q]", r.resource(), key)
	}
	return r.resource()
}

// place tells the objects of a state apart.
type place struct{ address, deposed string }

func (r *record) place() place { return place{r.address(), r.Deposed} }

// source is the address of the provider in provider["…"].
func (r *record) source() string {
	return strings.TrimSuffix(strings.TrimPrefix(r.Provider, `provider["`), `"]`)
}

// value returns the value that a record holds.
func (r *record) value(k *kind) (cty.Value, error) { return ctyjson.Unmarshal(r.Attributes, k.object) }

// state is a state file.
type state struct {
	Version          int             `json:"version"`
	TerraformVersion string          `json:"terraform_version"`
	Serial           int             `json:"serial"`
	Lineage          string          `json:"lineage"`
	Resources        []stateResource `json:"resources"`

	records map[place]*record // what Resources had when the file was read, and has when it is written
}

type stateResource struct {
	declared
	Instances []instance `json:"instances"`
}

// sorted returns the records in order of their places, numbers as numbers.
func (s *state) sorted() []*record {
	return slices.SortedFunc(maps.Values(s.records), func(a, b *record) int {
		x, _ := a.IndexKey.(float64)
		y, _ := b.IndexKey.(float64)
		return cmp.Or(cmp.Compare(a.resource(), b.resource()), cmp.Compare(x, y), cmp.Compare(a.address(), b.address()), cmp.Compare(a.Deposed, b.Deposed))
	})
}

// readState reads a file, which need not exist.
func readState(path string) (*state, error) {
	s := &state{Lineage: "00000000-0000-0000-0000-000000000002", records: map[place]*record{}}
	content, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return s, nil
	}
	if err = cmp.Or(err, json.Unmarshal(content, s)); err != nil {
		return nil, err
	}
	for _, of := range s.Resources {
		for _, i := range of.Instances {
			r := &record{of.declared, i}
			s.records[r.place()] = r
		}
	}
	return s, nil
}

// write writes the file unless it says the same already, as Terraform does.
func (s *state) write(path string) error {
	if before, err := readState(path); err == nil && before.Serial > 0 && before.says() == s.says() {
		return nil
	}
	s.Version, s.TerraformVersion, s.Serial, s.Resources = 4, "1.11.0", s.Serial+1, []stateResource{}
	for _, r := range s.sorted() {
		last := len(s.Resources) - 1
		if last < 0 || s.Resources[last].declared != r.declared {
			s.Resources = append(s.Resources, stateResource{r.declared, nil})
			last++
		}
		s.Resources[last].Instances = append(s.Resources[last].Instances, r.instance)
	}
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o600)
}

// says is what matters when two states are compared.
func (s *state) says() string {
	text, err := json.Marshal(s.sorted())
	if err != nil {
		return err.Error()
	}
	return string(text)
}
