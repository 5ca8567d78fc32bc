# Wrong: no config errortracking_settings.groups
# Terraform 1.99 or newer.
list "errortracking_settings" "a" {
  provider = errortracking
  config {
    groups = "acme"
  }
}
