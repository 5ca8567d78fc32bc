# Wrong: no list.errortracking_settings.groups
# Terraform 99.1 or newer.
list "errortracking_settings" "a" {
  provider = errortracking
  config {
    groups = "acme"
  }
}
