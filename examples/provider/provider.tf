terraform {
  required_providers {
    errortracking = {
      source = "errortracking/errortracking"
    }
  }
}

# The token comes from the environment variable GITLAB_TOKEN.
provider "errortracking" {
  base_url = "https://gitlab.example.com" # default: https://gitlab.com
}

resource "errortracking_settings" "shop" {
  project = "acme/shop" # has a Sentry link
  active  = true
}
