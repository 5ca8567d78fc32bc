# Wrong: Unsupported arg
provider "errortracking" {
  url = "https://gitlab.example.com"
}
