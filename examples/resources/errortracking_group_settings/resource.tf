# On for every project of the group, also for those created later.
resource "errortracking_group_settings" "acme" {
  group   = "acme"
  active  = true
  exclude = ["acme/shop", "acme/**/sandbox"]
}

# One of its projects has settings of its own.
resource "errortracking_settings" "shop" {
  project = "acme/shop"
  active  = false
}
