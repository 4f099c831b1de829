#!/bin/sh
# with_ferretdb.sh PROGRAM [ARGUMENT]...
#
# Runs a program beside a server that knows its users: WEIR_TEST_LOGIN is the URI of one of them, with
# the password, WEIR_TEST_LOGIN_DIR the directory for ferretdb.sh. Exit: the program's, or 77 (skipped)
# when there can be no such server here. WEIR_TEST_LOGIN set beforehand: that server is used, a real
# one, and the tests that kill it are skipped.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/server.sh"
if [ -n "${WEIR_TEST_LOGIN:-}" ]; then exec "$@"; fi
beside ferretdb WEIR_TEST_LOGIN "$@"
