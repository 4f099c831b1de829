#!/usr/bin/env bash
# Makes the flat apt repository that the initialization action installs from: the weir packages and
# everything they need beyond a bare Debian 12, so that a node without a route to the internet can install
# them. Run on Debian 12.
#   stage.sh DEB_FOLDER OUT_FOLDER [gs://BUCKET/PATH]
# Prints the metadata weir-version and weir-repo-sha256.
set -euo pipefail
debs=$1 out=$2 dest=${3:-}
mkdir -p "$out"
cp "$debs"/{weir,libweir1}_[0-9]*.deb "$out/"
mapfile -t needs < <(for deb in "$out"/{weir,libweir1}_[0-9]*.deb; do dpkg-deb -f "$deb" Depends; done |
  tr ',' '\n' | sed 's/|.*//; s/(.*//; s/ //g' | grep -vxE 'weir|libweir1|systemd|libc6' | sort -u)
mapfile -t closure < <(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts \
  --no-breaks --no-replaces --no-enhances "${needs[@]}" | grep -E '^[a-z0-9]' | sort -u)
# What is required is there already.
mapfile -t wanted < <(apt-cache show --no-all-versions "${closure[@]}" |
  awk '/^Package:/ { name = $2 } /^Priority:/ && $2 != "required" { print name }' | sort -u)
(
  cd "$out"
  apt-get -qq download "${wanted[@]}"
  dpkg-scanpackages --multiversion . 2>/dev/null >Packages
  gzip -9nk Packages
  sha256sum -- *.deb Packages* >SHA256SUMS
)
echo "weir-version=$(dpkg-deb -f "$out"/weir_[0-9]*.deb Version)"
echo "weir-repo-sha256=$(sha256sum "$out/SHA256SUMS" | cut -d' ' -f1)"
[[ -z $dest ]] || gcloud storage cp "$out"/* "${dest%/}/"
