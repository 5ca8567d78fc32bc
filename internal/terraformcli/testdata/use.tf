terraform {
  required_providers {
    errortracking = {
      source = "errortracking/errortracking"
    }
  }
}

# This makes the command check provider blocks.
data "errortracking_settings" "use" {
  project = "acme/use"
}
