data "errortracking_client_keys" "shop" {
  project = "acme/shop"
}

# The oldest key that GitLab accepts: the one that GitLab created by itself,
# unless someone has deleted it. Without an active key, this is an error.
output "sentry_dsn" {
  value     = [for key in data.errortracking_client_keys.shop.client_keys : key.sentry_dsn if key.active][0]
  sensitive = true
}
