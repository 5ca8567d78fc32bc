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

// record is one object in a state file: a resource's, and what it belongs to.
type record struct {
	Mode     string `json:"mode"`
	Type     string `json:"type"`
	Name     string `json:"name"`
	Provider string `json:"provider"`

	instanceState
}

// instanceState is an object as the file, version 4, has it.
type instanceState struct {
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

// state is what a state file holds.
type state struct {
	Serial  int                        `json:"serial"`
	Lineage string                     `json:"lineage"`
	Outputs map[string]json.RawMessage `json:"outputs"`
	records map[place]*record
}

func (s *state) clone() *state {
	return &state{s.Serial, s.Lineage, maps.Clone(s.Outputs), maps.Clone(s.records)}
}

// sorted returns the records in order of their places.
func (s *state) sorted() []*record {
	records := slices.Collect(maps.Values(s.records))
	slices.SortFunc(records, func(a, b *record) int {
		return cmp.Or(cmp.Compare(a.resource(), b.resource()), compareKeys(a.IndexKey, b.IndexKey), cmp.Compare(a.Deposed, b.Deposed))
	})
	return records
}

// compareKeys compares numbers as numbers.
func compareKeys(a, b any) int {
	x, isNumber := a.(float64)
	if y, both := b.(float64); isNumber && both {
		return cmp.Compare(x, y)
	}
	return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b))
}

// stateFile is the file itself.
type stateFile struct {
	Version          int    `json:"version"`
	TerraformVersion string `json:"terraform_version"`
	*state
	Resources    []stateResource `json:"resources"`
	CheckResults any             `json:"check_results"`
}

type stateResource struct {
	Mode      string          `json:"mode"`
	Type      string          `json:"type"`
	Name      string          `json:"name"`
	Provider  string          `json:"provider"`
	Instances []instanceState `json:"instances"`
}

// readState reads a file, which need not exist.
func readState(path string) (*state, error) {
	s := &state{Lineage: "00000000-0000-0000-0000-000000000002", Outputs: map[string]json.RawMessage{}, records: map[place]*record{}}
	content, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	file := stateFile{state: s}
	if err := json.Unmarshal(content, &file); err != nil {
		return nil, err
	}
	for _, r := range file.Resources {
		for _, i := range r.Instances {
			one := &record{r.Mode, r.Type, r.Name, r.Provider, i}
			s.records[place{one.address(), one.Deposed}] = one
		}
	}
	return s, nil
}

// write writes the file unless it says the same already, as Terraform does.
func (s *state) write(path string) error {
	file := stateFile{Version: 4, TerraformVersion: "1.11.0", state: s, Resources: []stateResource{}}
	for _, r := range s.sorted() {
		if last := len(file.Resources) - 1; last < 0 || file.Resources[last].Mode != r.Mode || file.Resources[last].Type != r.Type || file.Resources[last].Name != r.Name {
			file.Resources = append(file.Resources, stateResource{Mode: r.Mode, Type: r.Type, Name: r.Name, Provider: r.Provider})
		}
		last := &file.Resources[len(file.Resources)-1]
		last.Instances = append(last.Instances, r.instanceState)
	}
	if _, err := os.Stat(path); err == nil {
		if before, err := readState(path); err == nil && before.says() == s.says() {
			return nil
		}
	}
	s.Serial++
	text, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o600)
}

// says is what matters when two states are compared.
func (s *state) says() string {
	text, err := json.Marshal([]any{s.Outputs, s.sorted()})
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// put stores an object, which passes through JSON as in a file; one with a null
// value is removed.
func (r record) put(s *state, k *kind, o *object) error {
	at := place{r.address(), r.Deposed}
	if o == nil || o.value.IsNull() {
		delete(s.records, at)
		return nil
	}
	value, _ := o.value.UnmarkDeep()
	var err error
	if r.Attributes, err = ctyjson.Marshal(value, k.object); err != nil {
		return err
	}
	if o.identity != cty.NilVal {
		if r.Identity, err = ctyjson.Marshal(o.identity, k.identity); err != nil {
			return err
		}
	}
	r.Private, r.SchemaVersion, r.SensitiveAttributes = o.private, k.version, []any{}
	s.records[at] = &r
	return nil
}

// providerAddress takes the address out of provider["…"].
func providerAddress(reference string) string {
	return strings.TrimSuffix(strings.TrimPrefix(reference, `provider["`), `"]`)
}
