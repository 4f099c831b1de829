#!/bin/sh
# with_mongo.sh PROGRAM [ARGUMENT]...
#
# Runs a program beside a server that speaks MongoDB's protocol: WEIR_TEST_MONGODB is its URI,
# WEIR_TEST_MONGODB_DIR its directory for mongo.sh. Exit: the program's, or 77 (skipped) when there can
# be no such server here. WEIR_TEST_MONGODB set beforehand: that server is used, a real one, and the
# tests that kill it are skipped.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ -n "${WEIR_TEST_MONGODB:-}" ]; then exec "$@"; fi
if ! "$here/mongo.sh" fetch; then
  echo "with_mongo.sh: skipped" >&2
  exit 77
fi
dir=$(mktemp -d "${TMPDIR:-/tmp}/weir-mongo-test.XXXXXX")
trap '"$here/mongo.sh" stop "$dir" || true' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
WEIR_TEST_MONGODB=$("$here/mongo.sh" start "$dir")
WEIR_TEST_MONGODB_DIR=$dir
export WEIR_TEST_MONGODB WEIR_TEST_MONGODB_DIR
status=0
"$@" || status=$?
exit "$status"
