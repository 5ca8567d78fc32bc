data "errortracking_group_settings" "acme" {
  group = "acme"
}

locals {
  off = [
    for p in data.errortracking_group_settings.acme.projects : p.project
    if !p.active
  ]
}

# Terraform 1.5, OpenTofu 1.6, or newer.
check "error_tracking_is_on" {
  assert {
    condition     = length(local.off) == 0
    error_message = "Error tracking is off in ${join(", ", local.off)}."
  }
  assert {
    condition     = length(data.errortracking_group_settings.acme.inaccessible) == 0
    error_message = "The token does not see every project."
  }
}
