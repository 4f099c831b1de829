#!/bin/sh
# ferretdb.sh COMMAND DIRECTORY - a server that speaks MongoDB's protocol and knows its users, by TLS
# alone, on 127.0.0.1: FerretDB on SQLite. For logins only: it hangs on more than 90 updates at a
# time, and closes the connection on a decimal.
#
#   fetch          only builds the program
#   start D        a new server in D; prints the URI of its user "weir", with the password in it
#   kill D         SIGKILL
#   restart D      again, with the data that it has
#   stop D         SIGKILL, and D is removed
#
# The program is built by Go (1.24 or later) from the module that ferretdb/go.mod names, once: minutes,
# and 1 GB while it lasts. Exit 77 from fetch and start: it cannot be had here.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/server.sh"

version=v1.24.2 # Also in ferretdb/go.mod.
cached=${XDG_CACHE_HOME:-$HOME/.cache}/weir-test/ferretdb-$version-$(cat "$here"/ferretdb/* | cksum | cut -d' ' -f1)

absent() {
  echo "ferretdb.sh: FerretDB cannot be had: $*" >&2
  exit 77
}

# Its source wants a file that names its version, which the module lacks: so a copy of it is built.
build() { # DIRECTORY
  GOPATH="$1/go" GOCACHE="$1/objects" GOFLAGS="-modcacherw -buildvcs=false" GOTOOLCHAIN=local CGO_ENABLED=0
  export GOPATH GOCACHE GOFLAGS GOTOOLCHAIN CGO_ENABLED
  cd "$here/ferretdb"
  go mod download github.com/FerretDB/FerretDB
  cp -r "$(go list -m -f '{{.Dir}}' github.com/FerretDB/FerretDB)" "$1/source"
  cd "$1/source"
  echo "$version" >build/version/version.txt
  go build -trimpath -ldflags='-s -w' -o "$1/ferretdb" ./cmd/ferretdb
}

fetch() {
  [ ! -d "$cached" ] || return 0
  command -v go >/dev/null || absent "there is no go"
  minor=$(go version | sed -n 's/^go version go1\.\([0-9]*\).*/\1/p')
  [ "${minor:-0}" -ge 24 ] || absent "it needs go 1.24, here is $(go version | cut -d' ' -f3)"
  mkdir -p "$(dirname "$cached")"
  part=$(mktemp -d "$cached.XXXXXX")
  if ! (build "$part") >"$part/log" 2>&1; then
    tail -n 20 "$part/log" >&2
    rm -rf "$part"
    absent "it does not build"
  fi
  mkdir "$part/program"
  mv "$part/ferretdb" "$part/program"
  mv -T "$part/program" "$cached" 2>/dev/null || true # Another may have been first.
  rm -rf "$part"
}

launch() {
  port=$(cat "$dir/port")
  FERRETDB_SETUP_PASSWORD=$(cat "$dir/password")
  export FERRETDB_SETUP_PASSWORD
  setsid "$cached/ferretdb" "--state-dir=$dir/db" --handler=sqlite "--sqlite-url=file:$dir/db/" \
    --debug-addr=- --telemetry=disable --log-level=ERROR --listen-addr= "--listen-tls=127.0.0.1:$port" \
    "--listen-tls-cert-file=$dir/cert.pem" "--listen-tls-key-file=$dir/key.pem" \
    --test-enable-new-auth --setup-database=admin --setup-username=weir </dev/null >>"$dir/log" 2>&1 &
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
    mkdir -p "$dir/db"
    free_port >"$dir/port"
    make_certificate
    od -An -N12 -tx1 /dev/urandom | tr -d ' \n' >"$dir/password"
    launch
    echo "mongodb://weir:$(cat "$dir/password")@127.0.0.1:$(cat "$dir/port")/?authSource=admin&tls=true" |
      sed "s|\$|\&tlsCAFile=$dir/cert.pem|"
    ;;
  kill) end ;;
  restart) end && launch ;;
  stop) end && rm -rf "$dir" ;;
  *) die "unknown command '$command'" ;;
esac
