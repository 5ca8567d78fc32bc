# Wrong: no errortracking_client_key.dsn
resource "gitlab_project_variable" "a" {
  value = errortracking_client_key.a.dsn
}
