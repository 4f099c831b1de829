#!/bin/sh
# with_ferretdb.sh PROGRAM [ARGUMENT]...
#
# Runs a program beside a server that knows its users: WEIR_TEST_LOGIN is the URI of one of them, with
# the password, WEIR_TEST_LOGIN_DIR the directory for ferretdb.sh. Exit: the program's, or 77 (skipped)
# when there can be no such server here. WEIR_TEST_LOGIN set beforehand: that server is used, a real
# one, and the tests that kill it are skipped.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ -n "${WEIR_TEST_LOGIN:-}" ]; then exec "$@"; fi
if ! "$here/ferretdb.sh" fetch; then
  echo "with_ferretdb.sh: skipped" >&2
  exit 77
fi
dir=$(mktemp -d "${TMPDIR:-/tmp}/weir-login-test.XXXXXX")
trap '"$here/ferretdb.sh" stop "$dir" || true' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
WEIR_TEST_LOGIN=$("$here/ferretdb.sh" start "$dir")
WEIR_TEST_LOGIN_DIR=$dir
export WEIR_TEST_LOGIN WEIR_TEST_LOGIN_DIR
status=0
"$@" || status=$?
exit "$status"
