# Init reads this, and what examples refer to is looked for here. There is one of
# everything, so that the command checks provider blocks, too.
terraform {
  required_providers {
    errortracking = {
      source = "errortracking/errortracking"
    }
  }
}

variable "other_provider" {
  default = null
}

resource "errortracking_settings" "use" {
  project = "acme/use"
  active  = true
}

resource "errortracking_group_settings" "use" {
  group  = "acme"
  active = true
}

resource "errortracking_client_key" "use" {
  project = "acme/use"
}

data "errortracking_settings" "use" {
  project = "acme/use"
}

data "errortracking_group_settings" "use" {
  group = "acme"
}

data "errortracking_client_keys" "use" {
  project = "acme/use"
}
