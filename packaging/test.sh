#!/usr/bin/env bash
# Sets up a fresh Debian 12 (as root, or with sudo), builds, and runs every test: an ordinary build
# with g++, then one with clang under ASan and UBSan, in which the fuzz targets run for a moment,
# and the tests with threads under TSan. May be run again and again.
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
# -g1 is enough for a stack trace, and faster to build than everything that a debugger may ask for.
plain='-O2 -g1 -DNDEBUG'
checked='-O1 -g1'
failed=()

# check NAME CTEST_ARGUMENT...: a ctest run with its own summary; a failure is remembered.
check() {
  local name=$1 since=$SECONDS
  shift
  say "== $name"
  ctest --output-on-failure --no-tests=error --parallel "$(nproc)" "$@" || failed+=("$name")
  say "== $name: $((SECONDS - since)) s"
}

ordinary() {
  build "$build_dir" all -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="$plain"
  check "tests" --test-dir "$build_dir"
}

sanitized() {
  build "$build_dir-asan" all -DWEIR_FUZZ=ON -DCMAKE_CXX_COMPILER=clang++-14 \
    -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS="$checked"
  check "tests under ASan and UBSan, fuzzing" --test-dir "$build_dir-asan" -LE 'house|broker'
  build "$build_dir-tsan" threaded -DWEIR_SANITIZE=thread \
    -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS="$checked"
  check "tests with threads under TSan" --test-dir "$build_dir-tsan" -L threads
}

install_packages "${build_packages[@]}" "${test_packages[@]}"
ordinary
[ "${1:-all}" = quick ] || sanitized

say "== ${SECONDS} s in all"
[ ${#failed[@]} -eq 0 ] || fail "failed: ${failed[*]}"
say "everything passed"
