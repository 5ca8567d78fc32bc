data "errortracking_client_keys" "shop" {
  project = "acme/shop"
}

# The oldest key that GitLab accepts, which is often the one that it created by
# itself. Without an active key, this is an error.
output "sentry_dsn" {
  value     = [for key in data.errortracking_client_keys.shop.client_keys : key.sentry_dsn if key.active][0]
  sensitive = true
}
