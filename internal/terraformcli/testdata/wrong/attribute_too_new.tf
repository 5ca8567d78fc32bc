# Wrong: no errortracking_settings.enabled
# Terraform 99.1 or newer.
resource "errortracking_settings" "a" {
  project = "acme/a"
  active  = true
  enabled = true
}
