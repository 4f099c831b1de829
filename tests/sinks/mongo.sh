#!/bin/sh
# mongo.sh COMMAND DIRECTORY - a server that speaks MongoDB's protocol, for tests, on 127.0.0.1.
#
#   fetch          only gets the jars and compiles the launcher
#   start D [tls]  a new server that keeps its data in D, by TLS alone if asked; prints its URI
#   kill D         SIGKILL
#   restart D      again, with the data that it has
#   pause D        SIGSTOP: it hangs
#   resume D       SIGCONT
#   stop D         SIGKILL, and D is removed
#
# An acknowledged write survives kill. It is mongo-java-server: no authentication, no replication. Needs
# a JDK (17 or later), and Maven when its jars are not cached yet. Exit 77 from fetch and start: it
# cannot be had here.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/server.sh"

cached=${XDG_CACHE_HOME:-$HOME/.cache}/weir-test/mongo-$(cat "$here"/mongo/* | cksum | cut -d' ' -f1)

fetch() {
  [ ! -d "$cached" ] || return 0
  for tool in java javac mvn; do
    command -v "$tool" >/dev/null || { echo "mongo.sh: there is no $tool" >&2; exit 77; }
  done
  mkdir -p "$(dirname "$cached")"
  part=$(mktemp -d "$cached.XXXXXX")
  if ! mvn -q -B -f "$here/mongo/pom.xml" -DincludeScope=runtime -DoutputDirectory="$part" \
    dependency:copy-dependencies >"$part/log" 2>&1 ||
    ! javac -cp "$part/*" -d "$part" "$here/mongo/MongoServerForTests.java" >>"$part/log" 2>&1; then
    tail -n 20 "$part/log" >&2
    rm -rf "$part"
    echo "mongo.sh: the server's jars cannot be had" >&2
    exit 77
  fi
  mv -T "$part" "$cached" 2>/dev/null || rm -rf "$part" # Another may have been first.
}

make_keys() {
  make_certificate
  openssl pkcs12 -export -passout pass:weir-tests -in "$dir/cert.pem" -inkey "$dir/key.pem" \
    -out "$dir/keys" 2>>"$dir/log" || die "no certificate: $(cat "$dir/log")"
}

launch() {
  port=$(cat "$dir/port")
  set -- "$port" "$dir/db"
  [ ! -f "$dir/keys" ] || set -- "$@" "$dir/keys"
  setsid java "-Xmx${WEIR_MONGO_HEAP:-400m}" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$cached:$cached/*" \
    MongoServerForTests "$@" </dev/null >>"$dir/log" 2>&1 &
  echo $! >"$dir/pid"
  await 60 listening "$port" || die "it does not start: $(tail -n 20 "$dir/log")"
}

command=${1:-help}
dir=${2:-}
if [ "$command" = fetch ]; then
  fetch
  exit
fi
case $dir in /*) ;; *) sed -n '2,/^set -eu/s/^# \{0,1\}//p' "$0" && exit 64 ;; esac
case $command in
  start)
    fetch
    mkdir -p "$dir"
    free_port >"$dir/port"
    options=
    if [ "${3:-}" = tls ]; then
      make_keys
      options="?tls=true&tlsCAFile=$dir/cert.pem"
    fi
    launch
    echo "mongodb://127.0.0.1:$(cat "$dir/port")/$options"
    ;;
  kill) end ;;
  restart) end && launch ;;
  pause) kill -STOP "$(cat "$dir/pid")" ;;
  resume) kill -CONT "$(cat "$dir/pid")" ;;
  stop) end && rm -rf "$dir" ;;
  *) die "unknown command '$command'" ;;
esac
