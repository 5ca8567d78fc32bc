# Wrong: no errortracking_settings.enabled
resource "errortracking_settings" "a" {
  project = "acme/a"
  active  = true
  enabled = true
}
