data "errortracking_settings" "api" {
  project = "acme/backend/api"
}

output "api_errors" {
  value = data.errortracking_settings.api.sentry_external_url
}
