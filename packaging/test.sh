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
# Tests beside a real Kafka wait more than they compute, so they run while the other tests do and
# the sanitized builds compile, which give way to them.
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

# check NAME CTEST_ARGUMENT...: a ctest run with its own summary; a failure is remembered.
check() {
  local name=$1 since=$SECONDS
  shift
  say "== $name"
  ctest --output-on-failure --no-tests=error --parallel "$(nproc)" "$@" || failed+=("$name")
  say "== $name: $((SECONDS - since)) s"
}

# begin_brokers, end_brokers: the tests that need a broker, beside whatever stands between the two.
begin_brokers() {
  ctest --output-on-failure --test-dir "$build_dir" -L broker >"$build_dir/brokers.log" 2>&1 &
  beside=$!
}
end_brokers() {
  say "== tests beside a broker"
  wait "$beside" || failed+=("tests beside a broker")
  beside=
  cat "$build_dir/brokers.log"
}
trap '[ -z "$beside" ] || kill "$beside"' EXIT

ordinary() {
  build "$build_dir" all "$together" -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="$plain"
  begin_brokers
  check "tests" --test-dir "$build_dir" -LE broker
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
[ "${1:-all}" = quick ] || sanitized
end_brokers

say "== ${SECONDS} s in all"
[ ${#failed[@]} -eq 0 ] || fail "failed: ${failed[*]}"
say "everything passed"
