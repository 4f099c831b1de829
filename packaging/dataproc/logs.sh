#!/usr/bin/env bash
# Prints what a cluster's jobs logged, in order of time: the journals that its nodes shipped to the bucket.
#
#   logs.sh gs://BUCKET/weir-logs/CLUSTER [JOB]
set -euo pipefail
from=${1:?gs://BUCKET/weir-logs/CLUSTER}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
gcloud storage cp --recursive --no-user-output-enabled "${from%/}/*" "$folder/"
find "$folder" -name '*.json.gz' -exec zcat {} + | JOB=${2:-} python3 -c '
import datetime, json, os, sys
unit = "weir@%s.service" % os.environ["JOB"] if os.environ["JOB"] else None
lines = [json.loads(line) for line in sys.stdin]
for e in sorted(lines, key=lambda e: int(e["__REALTIME_TIMESTAMP"])):
    if unit and unit not in (e.get("_SYSTEMD_UNIT"), e.get("UNIT")):
        continue
    time = datetime.datetime.fromtimestamp(int(e["__REALTIME_TIMESTAMP"]) / 1e6, datetime.timezone.utc)
    text = e.get("MESSAGE")
    print(time.isoformat(timespec="milliseconds"), e.get("_HOSTNAME"), e.get("SYSLOG_IDENTIFIER"), text)'
