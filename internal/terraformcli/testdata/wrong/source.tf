# Wrong: init would not find this provider
terraform {
  required_providers {
    errortracking = {
      source = "errortracking/other"
    }
  }
}
