resource "errortracking_settings" "shop" {
  project    = "acme/shop"
  active     = true
  integrated = true
}

resource "errortracking_client_key" "shop" {
  # The reference has the key made after error tracking is turned on.
  project = errortracking_settings.shop.project
}

# The DSN goes straight into a CI/CD variable, with the provider gitlabhq/gitlab.
resource "gitlab_project_variable" "sentry_dsn" {
  project = errortracking_client_key.shop.project
  key     = "SENTRY_DSN"
  value   = errortracking_client_key.shop.sentry_dsn
  masked  = true
}
