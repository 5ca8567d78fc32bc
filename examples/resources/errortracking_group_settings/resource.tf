# On for every project of the group, also for those created later.
resource "errortracking_group_settings" "acme" {
  group      = "acme"
  active     = true
  integrated = true # on GitLab.com
  exclude    = ["acme/sandbox", "acme/shop"]
}

# One of its projects has settings of its own.
resource "errortracking_settings" "shop" {
  project = "acme/shop"
  active  = true
}
