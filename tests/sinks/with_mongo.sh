#!/bin/sh
# with_mongo.sh PROGRAM [ARGUMENT]...
#
# Runs a program beside a server that speaks MongoDB's protocol: WEIR_TEST_MONGODB is its URI,
# WEIR_TEST_MONGODB_DIR its directory for mongo.sh. Exit: the program's, or 77 (skipped) when there can
# be no such server here. WEIR_TEST_MONGODB set beforehand: that server is used, a real one, and the
# tests that kill it are skipped.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/server.sh"
if [ -n "${WEIR_TEST_MONGODB:-}" ]; then exec "$@"; fi
beside mongo WEIR_TEST_MONGODB "$@"
