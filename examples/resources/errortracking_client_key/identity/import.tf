# Terraform 1.12, OpenTofu 1.12, or newer.
import {
  to = errortracking_client_key.shop
  identity = {
    project_id = 42
    key_id     = 3
  }
}
