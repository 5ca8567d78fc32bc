package acceptance_test

import (
	"bytes"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
	"github.com/errortracking/terraform-provider-errortracking/internal/terraformcli"
)

// ctrlC is a Ctrl-C while GitLab holds a request back.
type ctrlC struct {
	// arrived is closed when the request is there, pressed after Ctrl-C.
	arrived, pressed chan struct{}
}

func newCtrlC() ctrlC { return ctrlC{make(chan struct{}), make(chan struct{})} }

// held holds a request back until Terraform has told the provider of Ctrl-C.
func (c ctrlC) held(then gitlabsim.Effect) gitlabsim.Effect {
	return func(w http.ResponseWriter, r *http.Request, answer func() gitlabsim.Answer) {
		close(c.arrived)
		<-c.pressed
		time.Sleep(2 * time.Second)
		then(w, r, answer)
	}
}

// interrupt runs a command and presses Ctrl-C when the request has arrived.
func (w *workspace) interrupt(c ctrlC, args ...string) *outcome {
	w.t.Helper()
	w.gitlab.sim.Forget()
	cmd := w.cli.Command(w.t.Context(), w.dir, w.env, append([]string{args[0], "-no-color"}, args[1:]...)...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	select {
	case <-c.arrived:
	case <-time.After(30 * time.Second):
		w.t.Error("the moment for Ctrl-C has not come")
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		w.t.Error(err)
	}
	close(c.pressed)
	code, err := terraformcli.ExitCode(cmd.Wait())
	if err != nil {
		w.t.Fatalf("terraform %v: %v", args, err)
	}
	return &outcome{w.t, strings.Join(args, " "), output.String(), code, w.gitlab.requests()}
}

// afterwards carries the request out before the effect.
func afterwards(effect gitlabsim.Effect) gitlabsim.Effect {
	return func(w http.ResponseWriter, r *http.Request, answer func() gitlabsim.Answer) {
		answer()
		effect(w, r, answer)
	}
}
