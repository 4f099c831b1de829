#!/usr/bin/env bash
# Builds weir on a fresh Debian 12 and shows a job at work:
#
#   packaging/demo.sh              # until Ctrl-C; 20 s where there is no terminal
#   packaging/demo.sh --for 1m     # flags go to `weir demo`
#
# Installs the packages that a build needs, says which, and may be run again. BUILD_DIR (build/demo) is
# where it builds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=packaging/lib.sh
. packaging/lib.sh

folder=${BUILD_DIR:-build/demo}
install_packages "${build_packages[@]}"
build "$folder" weir_program -DWEIR_TESTS=OFF -DWEIR_UNITY=ON -DCMAKE_CXX_FLAGS_RELWITHDEBINFO='-O2 -g1 -DNDEBUG'
exec "$folder/weir" demo "$@"
