# The full path or the numeric id of the project, as in the configuration.
terraform import errortracking_settings.shop acme/shop
