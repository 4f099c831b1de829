#!/usr/bin/env bash
# The scripts that run outside a node: their form, and what the cluster scripts would tell gcloud.
. "$(dirname "$0")/rig.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
dataproc=$top/packaging/dataproc

# Info is left out, and what comes from the rig or is used by words that eval reads.
ok 'shellcheck: no warning' shellcheck -x -S warning -e SC2034,SC2119,SC2120,SC2154 \
  "$top"/packaging/{build-deb.sh,dataproc/*.sh,tests/{package,service,scripts,rootfs,all}.sh} \
  "$top"/packaging/tests/dataproc/{scenarios.sh,stubs/*}

# weir and gcloud that answer what the test wrote.
mkdir -p "$folder/bin"
cat >"$folder/bin/weir" <<'END'
#!/bin/sh
case "$*" in *silent*) exit 69 ;; esac
echo '[{"job":"j","inputs":[{"topic":"t","partition":0,"lag":'"$(cat "$LAG")"'},{"topic":"t","partition":1,"lag":-1}]}]'
END
cat >"$folder/bin/gcloud" <<'END'
#!/bin/sh
case "$*" in *describe*) cat "$NODES" ;; *) echo "gcloud $*" >>"$CALLS" ;; esac
END
chmod +x "$folder"/bin/*
export LAG=$folder/lag NODES=$folder/nodes CALLS=$folder/calls XDG_STATE_HOME=$folder
PATH=$folder/bin:$PATH
scaled() { # LAG NODES URLS: the number of nodes that scale.sh asks for; nothing when it does not
  echo "$1" >"$LAG"
  echo "$2" >"$NODES"
  rm -f "$CALLS" "$folder"/.weir-scaled-*
  "$dataproc/scale.sh" demo --region r --url "$3" --lag-high 1000 --lag-low 10 --max 3 >"$folder/out" || return
  [ ! -e "$CALLS" ] || sed -n 's/.*--num-secondary-workers=\([0-9]*\).*/\1/p' "$CALLS"
}
is() { [ "$1" = "$2" ] || { echo "'$1', not '$2'"; return 1; }; }
ok 'scale.sh: adds one when the jobs lag' is "$(scaled 1001 1 a)" 2
ok 'scale.sh: sums what the instances say' is "$(scaled 600 1 a,b)" 2
ok 'scale.sh: no more than the maximum' is "$(scaled 5000 3 a)" ''
ok 'scale.sh: takes one away when nothing waits' is "$(scaled 0 2 a)" 1
ok 'scale.sh: takes nothing away below the minimum' is "$(scaled 0 0 a)" ''
ok 'scale.sh: takes nothing away while an instance is silent' is "$(scaled 0 2 a,silent)" ''
ok 'scale.sh: leaves what is between alone' is "$(scaled 500 2 a)" ''
ok 'scale.sh: says when nobody answers' eval 'status=0; scaled 0 2 silent || status=$?; is $status 69'
touch "$folder/.weir-scaled-demo"
ok 'scale.sh: waits out the cooldown' eval \
  'echo 5000 >"$LAG"; rm -f "$CALLS"
   "$dataproc/scale.sh" demo --region r --url a --lag-high 9 --lag-low 1 --max 9 >"$folder/out"
   grep -q "less than" "$folder/out" && [ ! -e "$CALLS" ]'

# A package that needs nothing, so that staging it downloads nothing.
mkdir -p "$folder/jobs" "$folder/debs"
cp "$top"/jobs/*.yaml "$folder/jobs"
for name in weir libweir1; do
  mkdir -p "$folder/$name/DEBIAN"
  printf '%s\n' "Package: $name" 'Version: 1.0.0-1' 'Architecture: amd64' 'Maintainer: a <a@b.org>' \
    'Description: d' 'Depends: tzdata' >"$folder/$name/DEBIAN/control"
  dpkg-deb -b "$folder/$name" "$folder/debs/${name}_1.0.0-1_amd64.deb" >/dev/null
done
create=("$dataproc/create-cluster.sh" --dry-run --name demo --region r1 --bucket b --debs "$folder/debs"
  --jobs "$folder/jobs" --brokers 'k1:9092,k2:9092' --secondary 2 --run 'order-payments sliding-counts')
ok 'create-cluster.sh: prints what it would do' eval \
  '"${create[@]}" >"$folder/plan" 2>"$folder/err" || not cat "$folder/err"'
ok 'create-cluster.sh: runs nothing' test ! -e "$CALLS"
ok 'create-cluster.sh: metadata with commas stays whole' \
  grep -q 'weir-kafka-bootstrap-servers=k1:9092\\,k2:9092' "$folder/plan"
ok 'create-cluster.sh: names the checksum of what it stages' grep -qE 'weir-repo-sha256=[0-9a-f]{64}' "$folder/plan"
ok 'create-cluster.sh: the secondaries are Spot machines' grep -q -- '--secondary-worker-type=spot' "$folder/plan"
ok 'create-cluster.sh: refuses an image that is no Debian 12' eval \
  'status=0; "${create[@]}" --image 2.1-debian11 >/dev/null 2>&1 || status=$?; is $status 64'
tally
