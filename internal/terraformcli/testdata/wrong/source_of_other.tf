# Wrong: hashicorp/gitlab
resource "gitlab_project_variable" "a" {
  value = 1
}
