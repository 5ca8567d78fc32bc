# Terraform 1.7, OpenTofu 1.10, or newer.
removed {
  from = errortracking_settings.shop

  lifecycle {
    destroy = false
  }
}
