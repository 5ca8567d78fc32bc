// Command terraform-provider-errortracking is the Terraform provider for
// GitLab's Error Tracking settings.
package main

import (
	"flag"
	"log"
	"os"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/errortracking/terraform-provider-errortracking/internal/provider"
)

// version is set by the linker.
var version = "dev"

func main() {
	debugging := flag.Bool("debug", false, "run for a debugger such as delve")
	flag.Parse()
	silenceUnseenLogs()
	var options []tf6server.ServeOpt
	if *debugging {
		options = append(options, tf6server.WithManagedDebug())
	} else {
		go endWithTerraform()
	}
	err := tf6server.Serve("registry.terraform.io/errortracking/errortracking",
		func() tfprotov6.ProviderServer { return provider.NewServer(version) }, options...)
	if err != nil {
		log.Fatal(err)
	}
}

// silenceUnseenLogs turns off logs that nobody would see. Terraform drops what
// a provider logs unless TF_LOG or TF_LOG_PROVIDER is set, but does not tell
// the provider: its libraries then encode every TRACE line as JSON, which takes
// a third of its CPU time in a plan.
func silenceUnseenLogs() {
	if os.Getenv("TF_LOG") != "" || os.Getenv("TF_LOG_PROVIDER") != "" {
		return
	}
	// The protocol's, the framework's, and the provider's own lines.
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_PROVIDER_ERRORTRACKING"} {
		if os.Getenv(name) == "" {
			// Of such a name and value it cannot fail.
			_ = os.Setenv(name, "OFF")
		}
	}
}

// endWithTerraform ends the process when Terraform is gone, even if it was
// killed: a provider that lives on would go on changing GitLab, and no state
// would know of it.
func endWithTerraform() {
	terraform := os.Getppid()
	// On Windows one can wait for any process, elsewhere only for a child.
	if process, err := os.FindProcess(terraform); err == nil {
		if _, err := process.Wait(); err == nil {
			os.Exit(1)
		}
	}
	for os.Getppid() == terraform {
		time.Sleep(time.Second)
	}
	os.Exit(1)
}
