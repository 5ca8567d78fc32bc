# Wrong: Unsupported arg
resource "errortracking_settings" "a" {
  project = "acme/a"
  active  = true
  enabled = true
}
