# Wrong: attribute named "dsn"
terraform {
  required_providers {
    gitlab = {
      source = "gitlabhq/gitlab"
    }
  }
}

resource "gitlab_project_variable" "a" {
  value = errortracking_client_key.a.dsn
}
