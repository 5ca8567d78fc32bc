package acceptance_test

import (
	"flag"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

var faultSeed = flag.Uint64("fault-seed", 0, "repeat the faults of a run that printed this `seed`")

// misfortune strikes a fifth of all requests. What happens to a request depends
// on the seed, on the request and on how often it came, but not on the order in
// which the requests of parallel resources arrive.
type misfortune struct {
	seed  uint64
	kinds map[string]gitlabsim.Effect

	mu     sync.Mutex
	seen   map[string]int
	inARow map[string]int
	struck map[string]int
}

func newMisfortune(t *testing.T) *misfortune {
	t.Helper()
	seed := *faultSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("to repeat these faults: -fault-seed=%d", seed)
	return &misfortune{
		seed: seed,
		kinds: map[string]gitlabsim.Effect{
			"500":                    gitlabsim.JSON(http.StatusInternalServerError, `{"message":"500 Internal Server Error"}`),
			"502 in HTML":            gitlabsim.HTML(http.StatusBadGateway, "<html>502</html>"),
			"503":                    gitlabsim.Status(http.StatusServiceUnavailable, nil, ""),
			"reset before":           gitlabsim.ResetBefore(),
			"lost after the change":  gitlabsim.ResetAfter(),
			"a body that is cut off": gitlabsim.CutOff(),
			// No RateLimit-Remaining, which would hold back all requests.
			"429 with Retry-After of 1": gitlabsim.Status(http.StatusTooManyRequests, http.Header{"Retry-After": {"1"}}, "Retry later\n"),
		},
		seen: map[string]int{}, inARow: map[string]int{}, struck: map[string]int{},
	}
}

// fault returns the fault to add to a GitLab.
func (m *misfortune) fault() gitlabsim.Fault {
	return gitlabsim.Fault{Effect: func(w http.ResponseWriter, r *http.Request, answer func() gitlabsim.Answer) {
		m.fate(r)(w, r, answer)
	}}
}

func (m *misfortune) fate(r *http.Request) gitlabsim.Effect {
	request := r.Method + " " + r.URL.EscapedPath()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seen[request]++
	hash := fnv.New64a()
	fmt.Fprint(hash, request, m.seen[request])
	random := rand.New(rand.NewPCG(m.seed, hash.Sum64()))
	// More in a row than there are retries would rightly be an error.
	if random.IntN(5) > 0 || m.inARow[request] == 6 {
		m.inARow[request] = 0
		return gitlabsim.Delay(0) // which answers as usual
	}
	m.inARow[request]++
	kinds := slices.Sorted(maps.Keys(m.kinds))
	kind := kinds[random.IntN(len(kinds))]
	m.struck[kind]++
	return m.kinds[kind]
}
