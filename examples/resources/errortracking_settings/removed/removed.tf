removed {
  from = errortracking_settings.shop

  lifecycle {
    destroy = false
  }
}
