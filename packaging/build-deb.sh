#!/usr/bin/env bash
# Builds the Debian packages. debian/ lives in packaging/, so this lays a copy of the tree out the way
# dpkg-buildpackage wants it. The same tree gives the same bytes, wherever and whenever it is built.
#
#   packaging/build-deb.sh [OUTPUT_FOLDER [dpkg-buildpackage option...]]
#
# Needs build-essential, debhelper and the Build-Depends of packaging/debian/control:
#   apt-get build-dep ./packaging
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-$top/build-deb}
shift || true
mkdir -p "$out"
out=$(cd "$out" && pwd)

changelog=$top/packaging/debian/changelog
version=$(dpkg-parsechangelog -l "$changelog" -S Version)
upstream=${version%-*}
SOURCE_DATE_EPOCH=$(dpkg-parsechangelog -l "$changelog" -S Timestamp)
export SOURCE_DATE_EPOCH
umask 022

# Tests build often: WEIR_DEB_CCACHE=1 lets ccache compile, which knows a file again when it lies where it
# lay. It adds a flag to those that debuggers are told of, so these packages are not byte for byte others'.
if [ -n "${WEIR_DEB_CCACHE:-}" ] && command -v ccache >/dev/null; then
  work=${XDG_CACHE_HOME:-$HOME/.cache}/weir-deb
  mkdir -p "${work%/*}"
  exec 9>"$work.lock"
  flock 9
  rm -rf "$work"
  mkdir "$work"
  # debhelper gives the build another home.
  CCACHE_DIR=${CCACHE_DIR:-$(ccache --get-config cache_dir)}
  export CCACHE_DIR
else
  export CCACHE_DISABLE=1
  work=$(mktemp -d)
fi
trap 'rm -rf "$work"' EXIT
source=$work/weir-$upstream
mkdir "$source"
# What is tracked, as it lies in the tree; a source without a repository is taken whole.
if git -C "$top" rev-parse --git-dir >/dev/null 2>&1; then
  git -C "$top" ls-files -z | (cd "$top" && tar --null --ignore-failed-read -T - -cf -)
else
  tar -C "$top" --exclude='./build*' -cf - .
fi | tar -xf - -C "$source"
chmod -R u=rwX,go=rX "$source"

tar -C "$work" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
  --exclude="weir-$upstream/packaging/debian" -cf - "weir-$upstream" |
  xz -T1 >"$work/weir_$upstream.orig.tar.xz"
mv "$source/packaging/debian" "$source/debian"

(cd "$source" && dpkg-buildpackage -us -uc "$@")
cp "$work"/*.{deb,dsc,changes,buildinfo,tar.xz} "$out"/
ls -l "$out"
