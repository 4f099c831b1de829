#!/bin/sh
# with_postgres.sh PROGRAM [ARGUMENT]...
#
# Runs a program beside a PostgreSQL of its own: WEIR_TEST_POSTGRES is its URI, WEIR_TEST_POSTGRES_DIR
# its directory for postgres.sh. Exit: the program's, or 77 (skipped) when there is no PostgreSQL.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d "${TMPDIR:-/tmp}/weir-postgres-test.XXXXXX")
chmod 755 "$dir"
trap '"$here/postgres.sh" stop "$dir" || true' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
status=0
WEIR_TEST_POSTGRES=$("$here/postgres.sh" start "$dir") || status=$?
if [ "$status" != 0 ]; then
  echo "with_postgres.sh: skipped" >&2
  exit "$status"
fi
WEIR_TEST_POSTGRES_DIR=$dir
export WEIR_TEST_POSTGRES WEIR_TEST_POSTGRES_DIR
"$@" || status=$?
exit "$status"
