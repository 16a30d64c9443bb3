#!/bin/sh
# `lantian` for whoever keeps the server: run as the service runs, as its user, in its home, with
# its settings. From the root of the repository, as root:
#
#   install -m 0755 deploy/lantian.sh /usr/local/bin/lantian
set -eu
user=lantian
home=/srv/lantian/home
program=/opt/lantian/bin/lantian
# the EnvironmentFile of the units: NAME='value', a line each, which both read the same way
settings=/etc/lantian/environment

if [ "$(id -un)" != "$user" ]; then
    exec sudo --preserve-env=LANTIAN_ADMIN_PASSWORD,LANTIAN_ACTOR,LANTIAN_LANG --user="$user" -- "$0" "$@"
fi
export LANTIAN_HOME="${LANTIAN_HOME:-$home}"
if [ -e "$settings" ]; then
    set -a
    . "$settings"
    set +a
fi
exec "$program" "$@"
