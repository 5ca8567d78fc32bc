# Terraform 1.14 or newer.
list "errortracking_settings" "acme" {
  provider = errortracking
  limit    = 1000 # Terraform's default is 100

  config {
    group = "acme"
  }
}
