# Terraform 1.5, OpenTofu 1.6, or newer.
import {
  to = errortracking_settings.shop
  id = "acme/shop"
}
