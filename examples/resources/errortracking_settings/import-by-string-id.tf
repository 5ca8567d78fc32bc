import {
  to = errortracking_settings.shop
  id = "acme/shop"
}
