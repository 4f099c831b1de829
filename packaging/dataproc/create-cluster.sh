#!/usr/bin/env bash
# Stages weir, its jobs and the initialization action in a bucket, in a folder named by the version, and
# creates a Dataproc cluster that runs the jobs.
#
#   create-cluster.sh --name NAME --region REGION --bucket BUCKET --debs FOLDER --jobs FOLDER \
#     --brokers HOST:PORT,... [option...] [-- flag of gcloud...]
#
#   --image VERSION        2.2-debian12 (default) or later
#   --workers N            primary workers (2)
#   --secondary N          Spot workers (0)
#   --service-account A    with roles/secretmanager.secretAccessor, when there are secrets
#   --secrets 'NAME=SECRET[:VERSION] ...'
#   --env FILE             environment of the jobs; an env file for Spark submissions does
#   --config FILE          kafka.properties
#   --run 'JOB ...'        the jobs to run (all of the folder)
#   --metadata KEY=VALUE   one more metadata key of README.md; may be given again
#   --dry-run              prints the commands instead
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

name='' region='' bucket='' debs='' jobs='' brokers='' image=2.2-debian12 workers=2 secondary=0
account='' env='' config='' dry='' metadata=()
usage() { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; }
die() { echo "create-cluster.sh: $*" >&2; exit 64; }

while (($#)); do
  case $1 in
    --dry-run) dry=yes; shift; continue ;;
    -h | --help) usage; exit ;;
    --) shift; break ;;
  esac
  (($# > 1)) || die "$1 needs a value"
  case $1 in
    --name) name=$2 ;;
    --region) region=$2 ;;
    --bucket) bucket=${2#gs://} ;;
    --debs) debs=$2 ;;
    --jobs) jobs=$2 ;;
    --brokers) brokers=$2 ;;
    --image) image=$2 ;;
    --workers) workers=$2 ;;
    --secondary) secondary=$2 ;;
    --service-account) account=$2 ;;
    --secrets) metadata+=("weir-secrets=$2") ;;
    --env) env=$2 ;;
    --config) config=$2 ;;
    --run) metadata+=("weir-jobs=$2") ;;
    --metadata) metadata+=("$2") ;;
    *) die "unknown option $1" ;;
  esac
  shift 2
done
for needed in name region bucket debs jobs brokers; do
  [[ -n ${!needed} ]] || die "--$needed is missing (--help says more)"
done
[[ $image == *debian12* ]] || die "--image must be a Debian 12 image, such as 2.2-debian12"
for pair in "${metadata[@]}"; do
  [[ $pair == *=* && $pair != *';'* ]] || die "metadata is KEY=VALUE without a semicolon: $pair"
done
job_files=("$jobs"/*.yaml)
[[ -e ${job_files[0]} ]] || die "no *.yaml in $jobs"
for file in "$jobs"/*.env; do [[ ! -e $file ]] || job_files+=("$file"); done

# Prints a command, or runs it.
go() {
  if [[ -n $dry ]]; then printf '%q ' "$@" && echo; else "$@"; fi
}

repository=$(mktemp -d)
trap 'rm -rf "$repository"' EXIT
staged=$("$here/stage.sh" "$debs" "$repository")
version=$(sed -n 's/^weir-version=//p' <<<"$staged")
sum=$(sed -n 's/^weir-repo-sha256=//p' <<<"$staged")
# Nodes that scaling adds later run what this cluster began with.
folder=gs://$bucket/weir/$version/$name

metadata=("weir-version=$version" "weir-repo-uri=$folder/repo" "weir-repo-sha256=$sum"
  "weir-jobs-uri=$folder/jobs" "weir-kafka-bootstrap-servers=$brokers"
  "weir-log-uri=gs://$bucket/weir-logs" "${metadata[@]}")
go gcloud storage cp "$repository"/* "$folder/repo/"
go gcloud storage cp "$here/weir.sh" "$folder/weir.sh"
go gcloud storage cp "${job_files[@]}" "$folder/jobs/"
if [[ -n $env ]]; then
  go gcloud storage cp "$env" "$folder/env"
  metadata+=("weir-env-uri=$folder/env")
fi
if [[ -n $config ]]; then
  go gcloud storage cp "$config" "$folder/kafka.properties"
  metadata+=("weir-config-uri=$folder/kafka.properties")
fi

flags=(--region="$region" --image-version="$image" --num-workers="$workers"
  --scopes=cloud-platform --initialization-actions="$folder/weir.sh"
  --initialization-action-timeout=10m)
[[ -z $account ]] || flags+=(--service-account="$account")
[[ $secondary == 0 ]] ||
  flags+=(--num-secondary-workers="$secondary" --secondary-worker-type=spot)
# Commas stand within values, so a semicolon separates them.
joined=$(IFS=';' && echo "${metadata[*]}")
go gcloud dataproc clusters create "$name" "${flags[@]}" --metadata="^;^$joined" "$@"
