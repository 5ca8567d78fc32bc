terraform {
  required_providers {
    errortracking = {
      source = "errortracking/errortracking"
    }
  }
}

# GitLab's URL and the token come from GITLAB_BASE_URL and GITLAB_TOKEN.
provider "errortracking" {}

# The shop never had error tracking. It gets the backend built into GitLab, and
# loses error tracking again when the resource is destroyed.
resource "errortracking_settings" "shop" {
  project    = "acme/shop"
  active     = true
  integrated = true
  on_destroy = "disable"
}

# The API already sends its errors to Sentry. Terraform keeps that turned on;
# destroying the resource restores the original settings.
resource "errortracking_settings" "api" {
  project    = "acme/api"
  active     = true
  on_destroy = "restore"
}

# The Sentry link itself is entered in GitLab's web UI. Terraform can read it.
data "errortracking_settings" "api" {
  project = "acme/api"
}

output "api_errors" {
  value = data.errortracking_settings.api.sentry_external_url
}
