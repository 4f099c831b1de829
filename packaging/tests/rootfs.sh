#!/usr/bin/env bash
# A bare Debian 12 with systemd and what a Dataproc node has that the tests use, from the package source
# that this machine itself is set up with.
#   rootfs.sh OUT.tar
set -euo pipefail
sources=()
for file in /etc/apt/sources.list /etc/apt/sources.list.d/debian.{sources,list}; do
  if grep -qs bookworm "$file"; then sources+=("$file"); fi
done
mmdebstrap --quiet --variant=minbase \
  --include=systemd,systemd-sysv,dbus,ca-certificates,curl,python3,iproute2,procps \
  bookworm "$1" "${sources[@]}"
