#!/bin/sh
# soak.sh BUILD_DIR [KILLS [SEED]] - the three jobs on a real Kafka, each killed KILLS (1000) times at
# random moments while records come in; then their results are compared with a recomputation from the
# input topics: nothing lost, nothing doubled, all counts by reason exact. Takes about two seconds a kill.
# Options for kafka.sh in WEIR_SOAK_KAFKA, such as "--brokers 3".
set -eu

here=$(cd "$(dirname "$0")" && pwd)
build=${1:?which build directory?}
WEIR_KILLS=${2:-1000}
WEIR_SEED=${3:-1}
WEIR_KILL_MS=${WEIR_KILL_MS:-3000}
WEIR_WRITE_MS=${WEIR_WRITE_MS:-40}
GTEST_FILTER='*.Kills*'
export WEIR_KILLS WEIR_SEED WEIR_KILL_MS WEIR_WRITE_MS GTEST_FILTER
program=$(find "$build" -name kafka_job_crash -type f | head -n 1)
[ -n "$program" ] || { echo "soak.sh: kafka_job_crash is not built in $build" >&2; exit 64; }
# shellcheck disable=SC2086 # options are words
exec "$here/with_kafka.sh" --set group.min.session.timeout.ms=1000 ${WEIR_SOAK_KAFKA:-} -- "$program"
