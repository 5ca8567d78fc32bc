# The backend built into GitLab. The project need not have any settings yet.
resource "errortracking_settings" "shop" {
  project    = "acme/shop"
  active     = true
  integrated = true
}

# Sentry, whose link was entered in GitLab's web UI. Destroying the resource
# puts back what was there before.
resource "errortracking_settings" "api" {
  project    = "acme/backend/api"
  active     = true
  on_destroy = "restore"
}

# Off, in several projects at once.
resource "errortracking_settings" "retired" {
  for_each = toset(["acme/legacy", "acme/backend/batch"])

  project = each.key
  active  = false
}
