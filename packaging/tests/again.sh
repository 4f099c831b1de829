#!/usr/bin/env bash
# The packages once more, by the first stage of the Containerfile in a bare Debian: what a build needs is all
# named, and another folder, zone, language, umask and number of compilers change no byte.
#   WORK=folder BARE=bare.tar again.sh DEB_FOLDER
. "$(dirname "$0")/rig.sh"
debs=$(cd "$1" && pwd)
root=$WORK/clean
trap 'chroot_end "$root"' EXIT

copy_of_the_tree() { # FOLDER: what is tracked
  mkdir "$1"
  git -C "$top" ls-files -z | (cd "$top" && tar --null --ignore-failed-read -T - -cf -) | tar -C "$1" -xf -
}
build_stage() {
  /usr/bin/python3 "$here/containerfile.py" "$top/packaging/Containerfile" 0 >"$WORK/commands"
  (umask 002 && chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin TZ=Asia/Kathmandu LC_ALL=C \
    DEBIAN_FRONTEND=noninteractive DEB_BUILD_OPTIONS=parallel=3 TMPDIR=/var/tmp sh -u \
    <"$WORK/commands" >"$WORK/build.log" 2>&1) || not tail -n 60 "$WORK/build.log"
}

fresh_work
chroot_new "$root" "$BARE"
copy_of_the_tree "$root/src"
ok 'build: works in a bare Debian with what it names' build_stage
for file in "$debs"/*.{deb,dsc,tar.xz}; do
  ok "the same bytes: ${file##*/}" cmp "$file" "$root/debs/${file##*/}"
done
tally
