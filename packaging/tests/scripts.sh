#!/usr/bin/env bash
# What runs outside a node: the form of the scripts, what they would tell gcloud, and the manifest for
# Kubernetes.
#   [QUICK=1] scripts.sh
. "$(dirname "$0")/rig.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
dataproc=$top/packaging/dataproc

# Info is left out, and what comes from the rig or is used by words that eval reads.
ok 'shellcheck: no warning' shellcheck -x -S warning -e SC2034,SC2119,SC2120,SC2154 \
  "$top"/packaging/{build-deb.sh,dataproc/*.sh,tests/{package,service,debian,scripts,rootfs,all}.sh} \
  "$top"/packaging/tests/dataproc/{scenarios.sh,stubs/*}

# gcloud's own parser, without a network, an account or a project of anybody.
real_gcloud=$(command -v gcloud || true)
gcloud_parses() { # WORD...: it complains of no flag
  unshare --net env CLOUDSDK_CONFIG="$folder/gcloud" CLOUDSDK_CORE_CHECK_GCE_METADATA=false \
    CLOUDSDK_CORE_DISABLE_PROMPTS=1 CLOUDSDK_CORE_PROJECT=p timeout 60 "$real_gcloud" "$@" >"$folder/out" 2>&1 || true
  grep -q 'active account' "$folder/out" || not cat "$folder/out"
}

# weir and gcloud that answer what the test wrote.
mkdir -p "$folder/bin"
cat >"$folder/bin/weir" <<'END'
#!/bin/sh
case "$*" in *silent*) exit 69 ;; esac
echo '[{"job":"j","inputs":[{"topic":"t","partition":0,"lag":'"$(cat "$LAG")"'},{"topic":"t","partition":1,"lag":-1}]}]'
END
cat >"$folder/bin/gcloud" <<'END'
#!/bin/sh
case "$*" in
  *describe*) cat "$NODES" ;;
  *"storage cp --recursive"*) cp -r "$SHIPPED"/* "$(eval echo \${$#})" ;;
  *) echo "gcloud $*" >>"$CALLS" ;;
esac
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
if [ -z "$QUICK" ] && [ -n "$real_gcloud" ]; then
  tail -n 1 "$folder/plan" >"$folder/command"
  ok 'create-cluster.sh: gcloud knows the flags' eval 'eval "gcloud_parses $(cut -d" " -f2- "$folder/command")"'
  ok 'gcloud would complain of a flag that it does not know' eval \
    'eval "not gcloud_parses $(cut -d" " -f2- "$folder/command") --no-such-flag" >/dev/null'
fi

# What a node ships: a file a minute, which need not arrive in order.
entry() { # MICROSECONDS UNIT WORDS
  printf '{"__REALTIME_TIMESTAMP":"%s","_SYSTEMD_UNIT":"%s","_HOSTNAME":"h","MESSAGE":"%s"}\n' "$@"
}
export SHIPPED=$folder/shipped
mkdir -p "$SHIPPED"/{demo-w-0,demo-w-1}
entry 2000000 weir@a.service second | gzip >"$SHIPPED/demo-w-0/1.json.gz"
{ entry 1000000 weir@b.service first; entry 3000000 weir@a.service third; } | gzip >"$SHIPPED/demo-w-1/0.json.gz"
ok 'logs.sh: all nodes, in order of time' is "$("$dataproc/logs.sh" gs://b/l/demo | awk '{ print $NF }' | xargs)" \
  'first second third'
ok 'logs.sh: one job' is "$("$dataproc/logs.sh" gs://b/l/demo a | awk '{ print $NF }' | xargs)" 'second third'

# The schemas are those of Kubernetes itself, as a package of Python carries them.
kubernetes_schemas() {
  local folder=${XDG_CACHE_HOME:-$HOME/.cache}/weir-test/kubernetes
  compgen -G "$folder/*.whl" || { mkdir -p "$folder" &&
    /usr/bin/python3 -m pip download -q --no-deps -d "$folder" kubernetes-validate >&2 && compgen -G "$folder/*.whl"; }
}
manifest=$top/packaging/kubernetes/weir.yaml
ok 'kubernetes: what has to agree in the manifest agrees' eval \
  '/usr/bin/python3 "$here/kubernetes.py" probes "$manifest" >"$folder/out"'
if [ -z "$QUICK" ]; then
  if wheel=$(kubernetes_schemas); then
    ok 'kubernetes: the manifest obeys the schemas' /usr/bin/python3 "$here/kubernetes.py" schema "$manifest" "$wheel"
    sed 's/replicas:/replica:/' "$manifest" >"$folder/misspelt.yaml"
    ok 'kubernetes: a misspelt key does not' eval \
      'not /usr/bin/python3 "$here/kubernetes.py" schema "$folder/misspelt.yaml" "$wheel" 2>/dev/null'
  else
    echo 'skipped: the schemas of Kubernetes cannot be had'
  fi
fi
tally
