# Wrong: attribute named "path"
data "errortracking_group_settings" "a" {
  group = "acme"
}

output "a" {
  value = [for p in data.errortracking_group_settings.a.projects : p.path if p.active]
}
