# Wrong: An argument named "enabled" is not expected
resource "errortracking_settings" "a" {
  project = "acme/a"
  active  = true
  enabled = true
}
