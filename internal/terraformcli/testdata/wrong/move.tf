# Wrong: no errortracking_setting
moved {
  from = errortracking_settings.a
  to   = errortracking_setting.a
}
