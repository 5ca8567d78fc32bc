# Terraform 1.12, OpenTofu 1.12, or newer.
import {
  to = errortracking_settings.shop
  identity = {
    project_id = 42
  }
}
