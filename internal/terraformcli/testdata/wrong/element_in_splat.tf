# Wrong: attribute named "path"
data "errortracking_group_settings" "a" {
  group = "acme"
}

output "a" {
  value = data.errortracking_group_settings.a.projects[*].path
}
