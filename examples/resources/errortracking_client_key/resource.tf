terraform {
  required_providers {
    errortracking = {
      source = "errortracking/errortracking"
    }
    gitlab = {
      source = "gitlabhq/gitlab"
    }
  }
}

resource "errortracking_settings" "shop" {
  project    = "acme/shop"
  active     = true
  integrated = true
}

resource "errortracking_client_key" "shop" {
  # With this reference, the key is created after error tracking is turned on.
  project = errortracking_settings.shop.project
}

# The DSN goes into a CI/CD variable.
resource "gitlab_project_variable" "sentry_dsn" {
  project = errortracking_client_key.shop.project
  key     = "SENTRY_DSN"
  value   = errortracking_client_key.shop.sentry_dsn
  masked  = true
}
