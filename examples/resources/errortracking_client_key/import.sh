# The full path or the numeric id of the project, as in the configuration;
# a colon; and the id of the key.
terraform import errortracking_client_key.shop acme/shop:3
