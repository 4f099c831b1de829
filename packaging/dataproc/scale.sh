#!/usr/bin/env bash
# Scales a cluster's secondary workers by how far its jobs lag, which Dataproc's autoscaler cannot see: it
# looks at YARN alone. One look and at most one step; run it from cron or a timer.
#
#   scale.sh CLUSTER --region REGION --url URL[,URL...] --lag-high N --lag-low N --max K [--min K]
#            [--cooldown SECONDS] [--dry-run]
#
# --url     the HTTP of the jobs' instances: each answers for the partitions it has (weir status -o json)
# --max     no more nodes than there are partitions: more would idle
# Adds one node when the sum of lags is above --lag-high, removes one below --lag-low.
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
    --url) urls+=${urls:+,}$2 ;;
    --lag-high) high=$2 ;;
    --lag-low) low=$2 ;;
    --max) max=$2 ;;
    --min) min=$2 ;;
    --cooldown) cooldown=$2 ;;
    *) die "unknown option $1" ;;
  esac
  shift 2
done
for needed in region urls high low max; do [[ -n ${!needed} ]] || die "a flag is missing: $needed"; done
for number in "$high" "$low" "$max" "$min" "$cooldown"; do
  [[ $number =~ ^[0-9]+$ ]] || die "'$number' is no number"
done
((low < high)) || die "--lag-low must be below --lag-high"

answers=() silent=0
for url in ${urls//,/ }; do
  if answer=$(weir status --url "$url" -o json); then answers+=("$answer"); else silent=$((silent + 1)); fi
done
((${#answers[@]})) || { echo "scale.sh: no instance answers" >&2; exit 69; }
lag=$(printf '%s\n' "${answers[@]}" | python3 -c '
import json, sys
print(sum(i["lag"] for line in sys.stdin if line.strip() for job in json.loads(line)
          for i in job["inputs"] if (i["lag"] or 0) > 0))')

nodes=$(gcloud dataproc clusters describe "$cluster" --region="$region" \
  --format='value(config.secondaryWorkerConfig.numInstances)')
nodes=${nodes:-0} wanted=$nodes
if ((lag > high && nodes < max)); then wanted=$((nodes + 1)); fi
# What a silent instance lags is not known, so nothing is taken away.
if ((lag < low && nodes > min && silent == 0)); then wanted=$((nodes - 1)); fi
echo "lag $lag, $nodes secondary workers, wanted $wanted"
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
