#!/bin/sh
# with_postgres.sh PROGRAM [ARGUMENT]...
#
# Runs a program beside a PostgreSQL of its own: WEIR_TEST_POSTGRES is its URI, WEIR_TEST_POSTGRES_DIR
# its directory for postgres.sh. Exit: the program's, or 77 (skipped) when there is no PostgreSQL.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/server.sh"
beside postgres WEIR_TEST_POSTGRES "$@"
