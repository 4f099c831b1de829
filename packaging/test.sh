#!/usr/bin/env bash
# Sets up a fresh Debian 12 (as root, or with sudo), builds, and runs every test: an ordinary build
# with g++, then one with clang under ASan and UBSan, in which the fuzz targets run for a moment,
# and the tests with threads under TSan. May be run again and again.
#
#   packaging/test.sh            everything
#   packaging/test.sh quick      the ordinary build and its tests only
#
# The packages have tests of their own, which boot machines: packaging/tests/all.sh.
#
# Tests beside a real Kafka or another server come when nothing else computes, or they would tell of
# a busy machine: only the sanitized builds, which give way to them, go on beside them. The longest
# storm, in which all brokers are away, is not part of `quick`.
#
# WEIR_BUILD_DIR (build) is where the builds go. Exit status 0 when everything passed.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=packaging/lib.sh
. packaging/lib.sh

build_dir=${WEIR_BUILD_DIR:-build}
# -g1 is enough for a stack trace, and faster to build than everything that a debugger may ask for.
plain='-O2 -g1 -DNDEBUG'
together=-DWEIR_UNITY=ON  # Half of the time for the library and the runner.
clang=("$together" -DCMAKE_CXX_COMPILER=clang++-14 -DCMAKE_BUILD_TYPE=None)
failed=()
beside=
at_once=2  # Tests beside servers.

# slowest LOG: the tests of a ctest run that took longest, for whoever wants to shorten it.
slowest() {
  say "slowest:" "$(sed -nE 's/.*Test +#[0-9]+: ([^ ]+) .* ([0-9.]+) sec$/\2 \1/p' "$1" |
    sort -rn | head -n 8 | awk '{printf "%s%s %.0f s", sep, $2, $1; sep = ", "}')"
}

# check NAME CTEST_ARGUMENT...: a ctest run with its own summary; a failure is remembered.
check() {
  local name=$1 since=$SECONDS log
  shift
  say "== $name"
  log=$(mktemp)
  ctest --output-on-failure --no-tests=error --parallel "$(nproc)" "$@" | tee "$log" ||
    failed+=("$name")
  say "== $name: $((SECONDS - since)) s"
  slowest "$log"
  rm -f "$log"
}

# begin_servers CTEST_ARGUMENT..., end_servers: the tests that need one, beside whatever stands
# between the two.
begin_servers() {
  ctest --output-on-failure --test-dir "$build_dir" -L 'broker|sinks' "$@" --parallel "$at_once" \
    >"$build_dir/servers.log" 2>&1 &
  beside=$!
}
end_servers() {
  say "== tests beside servers"
  wait "$beside" || failed+=("tests beside servers")
  beside=
  cat "$build_dir/servers.log"
  slowest "$build_dir/servers.log"
}
trap '[ -z "$beside" ] || kill "$beside"' EXIT

ordinary() {
  build "$build_dir" all "$together" -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="$plain"
  check "tests" --test-dir "$build_dir" -LE 'broker|sinks'
}

sanitized() {
  niceness=10
  build "$build_dir-asan" all "${clang[@]}" -DWEIR_FUZZ=ON -DCMAKE_CXX_FLAGS='-O1 -g1'
  # Few threads are started, and optimising the library takes longer than they run.
  build "$build_dir-tsan" threaded "${clang[@]}" -DWEIR_SANITIZE=thread \
    -DCMAKE_CXX_FLAGS='-O0 -g1'
  check "tests under ASan and UBSan, fuzzing" --test-dir "$build_dir-asan" -LE 'house|broker'
  check "tests with threads under TSan" --test-dir "$build_dir-tsan" -L threads
}

install_packages "${build_packages[@]}" "${test_packages[@]}"
install_servers
ordinary
if [ "${1:-all}" = quick ]; then
  begin_servers -LE long
else
  begin_servers
  sanitized
fi
end_servers

say "== ${SECONDS} s in all"
[ ${#failed[@]} -eq 0 ] || fail "failed: ${failed[*]}"
say "everything passed"
