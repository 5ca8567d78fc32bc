# Wrong: "errortracking_setting" "use" has not been declared
moved {
  from = errortracking_settings.a
  to   = errortracking_setting.a
}
