#!/usr/bin/env bash
# What Debian's own tools say of the packages: flags of the compiler, piuparts, autopkgtest.
#   WORK=folder IMAGE=rootfs.tar BARE=bare.tar debian.sh DEB_FOLDER BUILD_LOG
. "$(dirname "$0")/rig.sh"
debs=$(cd "$1" && pwd)
log=$2
root=$WORK/testbed
trap 'chroot_end "$root"' EXIT
quiet() { "$@" >"$WORK/out" 2>&1 || { tail -n 60 "$WORK/out"; return 1; }; }

# The machine's own mirror, for piuparts, which cannot be told of a list.
mirror() {
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' | head -n 1
}
piuparts_passes() {
  gzip -1 -c "$BARE" >"$WORK/base.tar.gz"
  quiet piuparts -d bookworm -m "$(mirror)" --basetgz="$WORK/base.tar.gz" --no-eatmydata \
    --warn-on-leftovers-after-purge "$debs"/{weir,libweir1,libweir-dev}_[0-9]*.deb
}
autopkgtest_passes() {
  local status=0
  chroot_new "$root" "$IMAGE"
  local packages=("$debs"/{weir,libweir1,libweir-dev}_[0-9]*.deb "$debs"/weir_*.dsc)
  autopkgtest -U --no-built-binaries "${packages[@]}" -- chroot "$root" >"$WORK/autopkgtest.log" 2>&1 || status=$?
  chroot_end "$root"
  sed -nE '/@@@ summary/,$s/^([a-z-]+) +(PASS|FAIL|SKIP)\b.*/\1 \2/p' "$WORK/autopkgtest.log" |
    sort -u >"$WORK/verdicts"
  # 2: one was left out, the one that needs a machine of its own. It runs with the service.
  printf '%s\n' 'build-cmake PASS' 'build-pkgconfig PASS' 'cli PASS' 'service SKIP' >"$WORK/wanted"
  { [ $status = 2 ] && diff "$WORK/wanted" "$WORK/verdicts"; } ||
    not tail -n 60 "$WORK/autopkgtest.log"
}

fresh_work
ok 'blhc: every file was compiled and linked hardened' quiet blhc --bindnow "$log"
ok 'autopkgtest: all pass that need no machine of their own' autopkgtest_passes
ok 'piuparts: passes' piuparts_passes
tally
