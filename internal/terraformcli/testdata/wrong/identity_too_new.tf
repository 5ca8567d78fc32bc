# Wrong: no identity errortracking_settings.path
# Terraform 1.99 or newer.
import {
  to       = errortracking_settings.a
  identity = { path = "acme/a" }
}
