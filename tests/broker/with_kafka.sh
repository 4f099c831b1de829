#!/bin/sh
# with_kafka.sh [OPTION of kafka.sh start]... -- PROGRAM [ARGUMENT]...
#
# Runs a program beside a Kafka of its own: WEIR_TEST_BROKERS names the brokers, WEIR_TEST_KAFKA_DIR is
# the --dir for kafka.sh. The brokers end with the program, however it ends. Exit: the program's, or 77
# (skipped) when no Kafka can be started here. WEIR_TEST_BROKERS set beforehand: those are used.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
options=
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  options="$options $1"
  shift
done
[ $# -gt 1 ] || { echo "with_kafka.sh: no program" >&2; exit 64; }
shift

if [ -n "${WEIR_TEST_BROKERS:-}" ]; then exec "$@"; fi
if ! command -v "${JAVA_HOME:+$JAVA_HOME/bin/}java" >/dev/null; then
  echo "with_kafka.sh: skipped, there is no java" >&2
  exit 77
fi
if ! "$here/kafka.sh" fetch >/dev/null; then
  echo "with_kafka.sh: skipped, Kafka's jars cannot be fetched" >&2
  exit 77
fi

dir=$(mktemp -d "${TMPDIR:-/tmp}/weir-kafka-test.XXXXXX")
program=
cleanup() {
  [ -z "$program" ] || kill "$program" 2>/dev/null || true
  "$here/kafka.sh" stop --remove --dir "$dir" || true
  rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# shellcheck disable=SC2086 # options are words
WEIR_TEST_BROKERS=$("$here/kafka.sh" start --dir "$dir" --port 0 $options)
WEIR_TEST_KAFKA_DIR=$dir
export WEIR_TEST_BROKERS WEIR_TEST_KAFKA_DIR
"$@" &
program=$!
status=0
wait "$program" || status=$?
program=
exit "$status"
