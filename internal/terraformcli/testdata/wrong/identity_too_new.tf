# Wrong: no identity.errortracking_settings.path
# Terraform 99.1 or newer.
import {
  to       = errortracking_settings.a
  identity = { path = "acme/a" }
}
