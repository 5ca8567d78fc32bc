package acceptance_test

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// ctrlC is a Ctrl-C while GitLab holds a request back.
type ctrlC struct {
	// arrived is closed when the request is there, pressed once the provider
	// knows of Ctrl-C.
	arrived, pressed chan struct{}
}

func newCtrlC() ctrlC { return ctrlC{make(chan struct{}), make(chan struct{})} }

// held holds a request back until Terraform has told the provider of Ctrl-C.
func (c ctrlC) held(then gitlabsim.Effect) gitlabsim.Effect {
	return func(w http.ResponseWriter, r *http.Request, answer func() gitlabsim.Answer) {
		close(c.arrived)
		select {
		case <-c.pressed:
		case <-r.Context().Done():
		}
		then(w, r, answer)
	}
}

// comes waits for the moment to press.
func (c ctrlC) comes(t *testing.T) {
	t.Helper()
	select {
	case <-c.arrived:
	case <-time.After(patience / 2):
		t.Error("the moment for Ctrl-C has not come")
	}
}

// interrupt runs a command and presses Ctrl-C when the request has arrived.
func (w *workspace) interrupt(c ctrlC, args ...string) *outcome {
	w.t.Helper()
	w.gitlab.sim.Forget()
	if !w.real {
		return w.drive(args, func() {
			c.comes(w.t)
			w.driver.interrupt()
			close(c.pressed)
		})
	}
	r := w.begin("TRACE", args...)
	c.comes(w.t)
	if err := r.cmd.Process.Signal(os.Interrupt); err != nil {
		w.t.Error(err)
	}
	r.logs(func(log string) bool {
		for line := range strings.Lines(log) {
			if strings.Contains(line, "Served request") && strings.Contains(line, "StopProvider") {
				return true
			}
		}
		return false
	})
	close(c.pressed)
	return r.wait()
}

// afterwards carries the request out before the effect.
func afterwards(effect gitlabsim.Effect) gitlabsim.Effect {
	return func(w http.ResponseWriter, r *http.Request, answer func() gitlabsim.Answer) {
		answer()
		effect(w, r, answer)
	}
}
