#!/bin/sh
# Starts a GitLab in a container and prints what make testacc needs to know of
# it ("gitlab.sh start"), or removes it ("gitlab.sh stop").
set -eu
cd "$(dirname "$0")"

export GITLAB_PORT="${GITLAB_PORT:-8929}"
url="http://127.0.0.1:$GITLAB_PORT"
exports=../../bin/gitlab.env

die() {
	printf 'make gitlab: %s\n' "$*" >&2
	exit 1
}
compose() { "$engine" compose --file compose.yml "$@"; }
inspect() { "$engine" inspect --format "$1" "$(compose ps --all --quiet)" 2>/dev/null || true; }
api() { curl --silent --show-error --fail --output /dev/null --header "PRIVATE-TOKEN: $GITLAB_TOKEN" "$@"; }

# progress tells what GitLab is doing, where compose itself shows no clock.
progress() {
	while sleep 20 >/dev/null 2>&1; do
		printf 'GitLab is starting, which takes minutes: %s\n' "$(compose logs --no-log-prefix --tail 1 2>/dev/null | cut -c 1-100)"
	done
}

# explain tells why there is no healthy container, and what to do.
explain() {
	case "$(inspect '{{.State.Status}} {{.State.OOMKilled}} {{.State.ExitCode}}')" in
	*' true '* | *' 137') die "GitLab was killed, as happens for want of memory. Give $engine more than $((memory / 1000000000)) GB, then: make gitlab-stop gitlab" ;;
	running*) die "GitLab does not get healthy. To see why: $engine logs $(compose ps --all --quiet)" ;;
	exited*) die "GitLab's container has died. To start anew: make gitlab-stop gitlab. Its last words: $(compose logs --tail 30)" ;;
	esac
	if curl --silent --output /dev/null "$url"; then
		die "port $GITLAB_PORT is in use. To choose another: make gitlab GITLAB_PORT=8930"
	fi
	die "$engine cannot start GitLab, and says why above. GITLAB_VERSION is a tag of gitlab/gitlab-ce, such as 18.11.12-ce.0"
}

if command -v docker >/dev/null; then
	engine=docker field=MemTotal
elif command -v podman >/dev/null; then
	engine=podman field=Host.MemTotal
else
	die "install Docker or Podman, with compose; or set GITLAB_BASE_URL and GITLAB_TOKEN for a GitLab that you have"
fi
command -v curl >/dev/null || die "install curl"
memory="$("$engine" info --format "{{.$field}}")" || die "$engine does not answer. Is it running, and may you use it?"
compose version >/dev/null || die "$engine has no compose. Install the package docker-compose-v2 or docker-compose-plugin"

if [ "$1" = stop ]; then
	rm -f "$exports"
	compose down --volumes
	exit
fi

[ "$memory" -gt 3500000000 ] || die "$engine has $((memory / 1000000)) MB of memory; GitLab needs 4 GB. With Docker Desktop: Settings > Resources"
image="$(inspect '{{.Config.Image}}')"
case "$image" in
'' | *":${GITLAB_VERSION:-${image##*:}}") ;;
*) die "$image is there already. To have the other one: make gitlab-stop gitlab GITLAB_VERSION=$GITLAB_VERSION" ;;
esac
if [ ! -t 2 ]; then
	progress >&2 &
	trap 'kill $! 2>/dev/null || true' EXIT
fi
compose up --detach --no-recreate --wait --wait-timeout 1800 >&2 || explain

# shellcheck source=/dev/null
if [ ! -f "$exports" ] || ! (. "$exports" && api "$GITLAB_BASE_URL/api/v4/user" 2>/dev/null); then
	echo "GitLab is up. Making a token takes another minute." >&2
	said="$(compose exec -T gitlab gitlab-rails runner "$(cat console.rb)" </dev/null)" || die "GitLab's console fails, and says why above"
	GITLAB_TOKEN="$(printf '%s\n' "$said" | sed -n 's/^token //p')"
	api "$url/api/v4/groups/errortracking" 2>/dev/null || api --data 'name=errortracking&path=errortracking' "$url/api/v4/groups" ||
		die "GitLab does not let its administrator make a group, and says why above"
	mkdir -p "$(dirname "$exports")"
	umask 077
	cat >"$exports" <<-EOF
		# For the web: user root, password $(printf '%s\n' "$said" | sed -n 's/^password //p')
		export GITLAB_BASE_URL=$url
		export GITLAB_TOKEN=$GITLAB_TOKEN
		export GITLAB_TEST_NAMESPACE=errortracking
		export GITLAB_TEST_FLAG=yes # the tests may turn its feature flag off and on
	EOF
fi
cat "$exports"
