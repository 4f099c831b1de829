#!/usr/bin/env bash
# Scales a cluster's secondary workers by how far its jobs lag, which Dataproc's autoscaler cannot see: it
# looks at YARN alone. One look and at most one step; run it from cron or a timer, where the names of the
# cluster's nodes are known.
#
#   scale.sh CLUSTER --region REGION --lag-high N --lag-low N --max K [--min K] [--cooldown SECONDS]
#            [--url URL[,URL...]] [--dry-run]
#
# Adds one node when the sum of lags is above --lag-high, removes one below --lag-low. It asks every
# instance on every node that runs jobs (weir status -o json): the nodes and ports are those that the
# cluster's description names, in which weir-metrics-port has opened the ports. --url names them instead.
# --max     of secondary workers. No node is added that would idle, for want of partitions
# Nothing is taken away while an instance is silent, does not run yet, or does not know a lag.
# Exit: 0 looked (and perhaps scaled), 69 no instance answers, 64 usage.
set -euo pipefail

die() { echo "scale.sh: $*" >&2; exit 64; }
cluster=${1:-}
[[ -n $cluster && $cluster != -* ]] || die "which cluster?"
shift
region='' urls='' high='' low='' max='' min=0 cooldown=300 dry=''
while (($#)); do
  case $1 in --dry-run) dry=yes; shift; continue ;; esac
  (($# > 1)) || die "$1 needs a value"
  case $1 in
    --region) region=$2 ;;
    --url) urls+=" ${2//,/ }" ;;
    --lag-high) high=$2 ;;
    --lag-low) low=$2 ;;
    --max) max=$2 ;;
    --min) min=$2 ;;
    --cooldown) cooldown=$2 ;;
    *) die "unknown option $1" ;;
  esac
  shift 2
done
for needed in region high low max; do [[ -n ${!needed} ]] || die "a flag is missing: $needed"; done
for number in "$high" "$low" "$max" "$min" "$cooldown"; do
  [[ $number =~ ^[0-9]+$ ]] || die "'$number' is no number"
done
((low < high)) || die "--lag-low must be below --lag-high"

# Prints a line each: the cluster's state, its secondary
# workers, where its jobs' files are (when all of them run), the port of the first job, the number of jobs
# listed, and the nodes.
read_cluster() {
  gcloud dataproc clusters describe "$cluster" --region="$region" --format=json | python3 -c '
import json, sys
cluster = json.load(sys.stdin)
config = cluster["config"]
given = config.get("gceClusterConfig", {}).get("metadata", {})
names = lambda group: config.get(group, {}).get("instanceNames", [])
masters, workers, others = map(names, ("masterConfig", "workerConfig", "secondaryWorkerConfig"))
runs_on = given.get("weir-run-on", "workers")
if runs_on not in ("workers", "all"): sys.exit("weir-run-on=%s: no secondary worker runs jobs" % runs_on)
nodes = workers + others + (masters if runs_on == "all" else [])
jobs = given.get("weir-jobs", "").split()
print(cluster["status"]["state"])
print(config.get("secondaryWorkerConfig", {}).get("numInstances", 0))
print("" if jobs else given.get("weir-jobs-uri", ""))
print(given.get("weir-metrics-port", ""))
print(len(jobs))
print(*nodes)'
}
described=$(read_cluster) || die "cannot read the description of $cluster"
{ read -r state; read -r nodes; read -r jobs_uri; read -r port; read -r jobs; read -r names || true; } <<<"$described"
if [[ $state != RUNNING ]]; then
  echo "$cluster is $state: left alone"
  exit 0
fi
if [[ -z $urls ]]; then
  [[ $port =~ ^[0-9]+$ ]] || die "without weir-metrics-port no node of $cluster answers; or name them by --url"
  [[ -z $jobs_uri ]] || jobs=$(gcloud storage ls "${jobs_uri%/}/*.yaml" | wc -l)
  for name in $names; do
    for ((at = 0; at < jobs; at++)); do urls+=" http://$name:$((port + at))"; done
  done
fi

answers=() silent=0
for url in $urls; do
  if answer=$(weir status --url "$url" -o json); then answers+=("$answer"); else silent=$((silent + 1)); fi
done
((${#answers[@]})) || { echo "scale.sh: no instance answers" >&2; exit 69; }
# The sum of lags, how many are not known, how many instances have work, for how many there is some.
sums=$(printf '%s\n' "${answers[@]}" | python3 -c '
import collections, json, sys
lag = unknown = 0
partitions, instances = collections.defaultdict(set), collections.Counter()
for job in (job for line in sys.stdin if line.strip() for job in json.loads(line)):
    instances[job["job"]] += 1
    unknown += job["state"] != "running"
    for i in job["inputs"]:
        known = (i["lag"] if i["lag"] is not None else -1) >= 0
        lag += i["lag"] if known else 0
        unknown += not known
        partitions[job["job"], i["topic"]].add(i["partition"])
useful = collections.Counter()
for (job, _), found in partitions.items(): useful[job] = max(useful[job], len(found))
print(lag, unknown, int(any(instances[job] < useful[job] for job in useful)))')
read -r lag unknown room <<<"$sums"

wanted=$nodes
if ((lag > high && nodes < max && room)); then wanted=$((nodes + 1)); fi
if ((lag < low && nodes > min && silent == 0 && unknown == 0)); then wanted=$((nodes - 1)); fi
echo "lag $lag, $silent silent, $unknown unknown, $nodes secondary workers, wanted $wanted"
((wanted != nodes)) || exit 0

mark=${XDG_STATE_HOME:-${HOME:-/tmp}}/.weir-scaled-$cluster
if [[ -e $mark ]] && (($(date +%s) - $(stat -c %Y "$mark") < cooldown)); then
  echo "scaled less than $cooldown s ago"
  exit 0
fi
command=(gcloud dataproc clusters update "$cluster" --region="$region" --num-secondary-workers="$wanted" --quiet)
if [[ -n $dry ]]; then printf '%q ' "${command[@]}" && echo; exit 0; fi
"${command[@]}"
touch "$mark"
