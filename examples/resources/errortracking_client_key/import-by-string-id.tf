# Terraform 1.5, OpenTofu 1.6, or newer.
import {
  to = errortracking_client_key.shop
  id = "acme/shop:3"
}
