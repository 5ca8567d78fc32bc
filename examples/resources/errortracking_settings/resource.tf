# Sentry, with a link entered in GitLab's web UI. Destroying the resource
# restores the original settings.
resource "errortracking_settings" "api" {
  project    = "acme/backend/api"
  active     = true
  on_destroy = "restore"
}

# The backend built into GitLab.com. The project does not need any settings yet.
resource "errortracking_settings" "shop" {
  project    = "acme/shop"
  active     = true
  integrated = true
}

# Off, for several projects at once.
resource "errortracking_settings" "retired" {
  for_each = toset(["acme/legacy", "acme/backend/batch"])

  project = each.key
  active  = false
}
