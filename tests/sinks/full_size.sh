#!/bin/sh
# full_size.sh BUILD [TEST]... - what the tests of this folder do in seconds, in its full size, with the
# programs of that build: 200,000 results while weir is killed 20 times, each server 5 times, and both
# hang for 30 s (storm_test); the same with the order-payment job (order_payments_test); and each sink
# away for 5 minutes under 5,000 records/s (outage_test). An hour and more: not part of any other run.
#
#   tests/sinks/full_size.sh build                                    all of it
#   tests/sinks/full_size.sh build storm_test outage_test.Outage      as unittest names them
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ ! -x "${1:-}/weir" ]; then
  sed -n '2,/^set -eu/s/^# \{0,1\}//p' "$0"
  exit 64
fi
build=$(cd "$1" && pwd)
shift
[ $# -ge 1 ] || set -- storm_test order_payments_test outage_test

WEIR_BINARY=$build/weir MONGO_TOOL=$build/tests/sinks/mongo_tool
WEIR_RESULTS=200000 WEIR_KEYS=50000 WEIR_KILLS=20 WEIR_SERVER_KILLS=5 WEIR_PAUSE_S=30
WEIR_AWAY_S=300 WEIR_RATE=5000 WEIR_MONGO_HEAP=1500m
export WEIR_BINARY MONGO_TOOL WEIR_RESULTS WEIR_KEYS WEIR_KILLS WEIR_SERVER_KILLS WEIR_PAUSE_S
export WEIR_AWAY_S WEIR_RATE WEIR_MONGO_HEAP
exec "$here/../broker/with_kafka.sh" -- "$here/with_mongo.sh" "$here/with_postgres.sh" \
  /usr/bin/python3 "$here/end_to_end_test.py" "$@"
