#!/bin/sh
# For /usr/local/sbin/lcm, mode 0755: root runs lcm as the service does, with its account, its settings and its keys.
# Files that a command writes go to /var/lib/lcm, unless it names another folder that this account may write to.
set -ae
. /etc/lcm/secrets.env
LCM_CONFIG=/etc/lcm/lcm.yaml
cd /var/lib/lcm
umask 077
exec setpriv --reuid=lcm --regid=lcm --init-groups /opt/lcm/bin/lcm "$@"
