#!/usr/bin/env bash
# Sets up a fresh Debian 12 (as root, or with sudo), builds, and runs every test: an ordinary build,
# one under ASan and UBSan, one under TSan, a short fuzz run, clang-tidy. May be run again and again.
#
#   packaging/test.sh            everything
#   packaging/test.sh quick      the ordinary build and its tests only
#
# WEIR_BUILD_DIR (build) is where the builds go. Exit status 0 when everything passed.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=packaging/lib.sh
. packaging/lib.sh

build_dir=${WEIR_BUILD_DIR:-build}
# The tests that hold everything in one thread need no TSan; these have threads.
threaded='^unit_(engine|kafka|sink|state)$|^broker'
failed=()

# check NAME CTEST_ARGUMENT...: a ctest run with its own summary; a failure is remembered.
check() {
  local name=$1
  shift
  say "== $name"
  ctest --output-on-failure --no-tests=error --parallel "$(nproc)" "$@" || failed+=("$name")
}

ordinary() {
  build "$build_dir" all
  check "tests" --test-dir "$build_dir"
}

sanitized() {
  build "$build_dir-asan" all -DWEIR_SANITIZE=address -DCMAKE_BUILD_TYPE=Debug
  ASAN_OPTIONS=detect_leaks=1 check "tests under ASan and UBSan" \
    --test-dir "$build_dir-asan" -LE house
  build "$build_dir-tsan" all -DWEIR_SANITIZE=thread
  check "tests with threads under TSan" --test-dir "$build_dir-tsan" -R "$threaded"
}

fuzzed() {
  build "$build_dir-fuzz" all -DWEIR_FUZZ=ON -DCMAKE_CXX_COMPILER=clang++-14
  check "fuzzing" --test-dir "$build_dir-fuzz" -L fuzz
}

install_packages "${build_packages[@]}" "${test_packages[@]}"
ordinary
if [ "${1:-all}" != quick ]; then
  sanitized
  fuzzed
fi

say "== ${SECONDS} s in all"
[ ${#failed[@]} -eq 0 ] || fail "failed: ${failed[*]}"
say "everything passed"
