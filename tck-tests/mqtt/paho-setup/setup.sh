#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prepares a broker that runs with polymq.yaml for Eclipse Paho's interoperability suites.
#
# usage: setup.sh URL DATA   the admin API, such as http://127.0.0.1:8080, and the broker's data directory
set -eu
polymq=$(cd "$(dirname "$0")/../../.." && pwd -P)/bin/polymq
export POLYMQ_URL="$1"
admin="--user admin --password-file $2/admin-password"

# shellcheck disable=SC2086
"$polymq" user create paho --no-password --allow 'PUB,SUB any:*' $admin
# shellcheck disable=SC2086
"$polymq" acl add paho 'deny SUB filter:test/nosubscribe' $admin
