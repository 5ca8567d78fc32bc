# Wrong: attribute named "enabled"
terraform {
  required_providers {
    gitlab = {
      source = "gitlabhq/gitlab"
    }
  }
}

resource "errortracking_settings" "a" {
  project = "acme/a"
  active  = true
}

resource "gitlab_project_variable" "a" {
  value = 1
}

output "a" {
  value = [errortracking_settings.a.enabled, gitlab_project_variable.a.value]
}
