#!/usr/bin/env bash
# What runs outside a node: the form of the scripts, what they would tell gcloud, and the manifest for
# Kubernetes.
#   [QUICK=1] scripts.sh
QUICK=${QUICK:-}
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

# weir and gcloud that answer what the test wrote: the lag of an instance's partition 0, and a cluster.
mkdir -p "$folder/bin"
cat >"$folder/bin/weir" <<'END'
#!/bin/sh
echo "$3" >>"$ASKED"
case "$*" in *silent*) exit 69 ;; esac
state=running lag=$(cat "$LAG") other=0
case "$*" in *new*) state=restoring ;; *unknown*) other=-1 ;; esac
echo '[{"job":"j","state":"'$state'","inputs":[{"topic":"t","partition":0,"lag":'$lag'},
  {"topic":"t","partition":'${#3}',"lag":'$other'}]}]' | tr -d '\n'
END
cat >"$folder/bin/gcloud" <<'END'
#!/bin/sh
case "$*" in
  *describe*) sed "s/NODES/$(cat "$NODES")/" "$CLUSTER" ;;
  *"storage ls"*) printf '%s\n' gs://b/jobs/one.yaml gs://b/jobs/two.yaml ;;
  *"storage cp --recursive"*) cp -r "$SHIPPED"/* "$(eval echo \${$#})" ;;
  *) echo "gcloud $*" >>"$CALLS" ;;
esac
END
chmod +x "$folder"/bin/*
cluster() { # STATE METADATA: a cluster of two workers and two more, of NODES secondary ones
  printf '{"status":{"state":"%s"},"config":{"gceClusterConfig":{"metadata":{%s}},
    "masterConfig":{"instanceNames":["demo-m"]},"workerConfig":{"instanceNames":["demo-w-0","demo-w-1"]},
    "secondaryWorkerConfig":{"numInstances":NODES,"instanceNames":["demo-sw-a"]}}}' "$1" "$2" >"$CLUSTER"
}
export LAG=$folder/lag NODES=$folder/nodes CLUSTER=$folder/cluster ASKED=$folder/asked CALLS=$folder/calls
export XDG_STATE_HOME=$folder
PATH=$folder/bin:$PATH
# scaled LAG NODES FLAG...: what scale.sh asks gcloud for, and otherwise that it wants what there is.
scaled() {
  echo "$1" >"$LAG"
  echo "$2" >"$NODES"
  rm -f "$CALLS" "$ASKED" "$folder"/.weir-scaled-*
  shift 2
  "$dataproc/scale.sh" demo --region r --lag-high 1000 --lag-low 10 --max 3 "$@" >"$folder/out" || return
  if [ -e "$CALLS" ]; then sed -n 's/.*clusters update demo .*--num-secondary-workers=\([0-9]*\).*/\1/p' "$CALLS"
  else sed -nE 's/.* ([0-9]+) secondary workers, wanted \1$/stays at \1/p' "$folder/out"; fi
}
cluster RUNNING '"weir-metrics-port":"9464","weir-jobs":"a b"'
ok 'scale.sh: adds one when the jobs lag' is "$(scaled 1001 1 --url a)" 2
ok 'scale.sh: sums what the instances say' is "$(scaled 600 1 --url a,bcd)" 2
ok 'scale.sh: no more than the maximum' is "$(scaled 5000 3 --url a)" 'stays at 3'
ok 'scale.sh: adds none that would idle, with an instance for each partition' is \
  "$(scaled 5000 2 --url a,b)" 'stays at 2'
ok 'scale.sh: takes one away when nothing waits' is "$(scaled 0 2 --url a)" 1
ok 'scale.sh: takes nothing away below the minimum' is "$(scaled 0 0 --url a)" 'stays at 0'
ok 'scale.sh: takes nothing away while an instance is silent' is "$(scaled 0 2 --url a,silent)" 'stays at 2'
ok 'scale.sh: takes nothing away while a lag is not known' is "$(scaled 0 2 --url a,unknown)" 'stays at 2'
ok 'scale.sh: takes nothing away while an instance does not run yet' is "$(scaled 0 2 --url a,new)" 'stays at 2'
ok 'scale.sh: adds one for what is known of the lags' is "$(scaled 1001 1 --url unknown,abc)" 2
ok 'scale.sh: leaves what is between alone' is "$(scaled 500 2 --url a)" 'stays at 2'
ok 'scale.sh: says when nobody answers' eval 'status=0; scaled 0 2 --url silent || status=$?; is $status 69'
asked() { sort "$ASKED" | sed 's#http://##' | xargs; }
ok 'scale.sh: asks every job on every node of the cluster that runs jobs' eval \
  'is "$(scaled 0 2)" 1 && is "$(asked)" \
   "$(echo demo-{sw-a,w-0,w-1}:946{4,5})"'
cluster RUNNING '"weir-metrics-port":"9000","weir-run-on":"all","weir-jobs-uri":"gs://b/jobs"'
ok 'scale.sh: asks for all staged jobs, on masters, too, when they run there' eval \
  'is "$(scaled 0 2)" 1 &&
   is "$(asked)" "$(echo demo-{m,sw-a,w-0,w-1}:900{0,1})"'
cluster RUNNING '"weir-metrics-port":"9464","weir-jobs":"a","weir-run-on":"primary-workers"'
refused() { local status=0; scaled 5000 2 2>"$folder/err" || status=$?; is $status 64 && grep -q "$1" "$folder/err"; }
ok 'scale.sh: refuses where no secondary worker runs jobs' refused 'no secondary worker runs jobs'
cluster RUNNING '"weir-jobs":"a"'
ok 'scale.sh: says which port has to be open' refused 'without weir-metrics-port'
echo '{"status":{"state":"RUNNING"},"config":{}}' >"$CLUSTER"
ok 'scale.sh: adds the first secondary worker' is "$(scaled 5000 0 --url a)" 1
cluster UPDATING '"weir-metrics-port":"9464","weir-jobs":"a"'
ok 'scale.sh: leaves a cluster alone that is being changed' eval \
  'is "$(scaled 5000 2)" "" && grep -q "is UPDATING: left alone" "$folder/out"'
cluster RUNNING '"weir-metrics-port":"9464","weir-jobs":"a"'
touch "$folder/.weir-scaled-demo"
ok 'scale.sh: waits out the cooldown' eval \
  'echo 5000 >"$LAG"; echo 2 >"$NODES"; rm -f "$CALLS"
   "$dataproc/scale.sh" demo --region r --lag-high 9 --lag-low 1 --max 9 --url a >"$folder/out" &&
   grep -q "less than" "$folder/out" && [ ! -e "$CALLS" ]'
ok 'scale.sh: prints the command instead' eval \
  'rm "$folder/.weir-scaled-demo"
   "$dataproc/scale.sh" demo --region r --lag-high 9 --lag-low 1 --max 9 --url a --dry-run >"$folder/out" &&
   grep -q "update demo .*--num-secondary-workers=3" "$folder/out" && [ ! -e "$CALLS" ]'

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
if [ -n "$QUICK" ]; then
  :
elif [ -z "$real_gcloud" ]; then
  skip gcloud 'it is not installed, so nothing tells which of its flags there are'
else
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
    skip schemas 'the Python package kubernetes-validate, which has those of Kubernetes, cannot be had'
  fi
fi
tally
