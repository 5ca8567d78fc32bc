# Wrong: fmt
resource "errortracking_settings" "a" {
  project = "acme/a"
  active = true
}
