// Command terraform-provider-errortracking is the Terraform provider for
// GitLab's Error Tracking settings.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/errortracking/terraform-provider-errortracking/internal/provider"
)

// version is set by the linker.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "run for a debugger such as delve")
	flag.Parse()

	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/errortracking/errortracking",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}
