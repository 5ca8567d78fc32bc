# What only GitLab's console can do. gitlab.sh reads the lines that this prints.
root = User.find_by!(username: 'root')
password = SecureRandom.alphanumeric(24)
root.update!(password: password, password_confirmation: password, password_automatically_set: false)
token = root.personal_access_tokens.create!(name: 'make gitlab', scopes: ['api'], expires_at: 30.days.from_now)
Feature.enable(:integrated_error_tracking)
puts "password #{password}", "token #{token.token}"
