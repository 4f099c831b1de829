#!/usr/bin/env bash
# A bare Debian 12, from the package source that this machine itself is set up with; as `node` with
# systemd and what a Dataproc node has that the tests use.
#   rootfs.sh bare|node OUT.tar
set -euo pipefail
sources=()
for file in /etc/apt/sources.list /etc/apt/sources.list.d/debian.{sources,list}; do
  if grep -qs bookworm "$file"; then sources+=("$file"); fi
done
include=()
[ "$1" = bare ] || include=("--include=systemd,systemd-sysv,dbus,ca-certificates,curl,python3,iproute2,procps")
# Whole, or not there.
mmdebstrap --quiet --variant=minbase --format=tar "${include[@]}" bookworm "$2.part" "${sources[@]}"
mv "$2.part" "$2"
