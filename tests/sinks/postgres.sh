#!/bin/sh
# postgres.sh COMMAND DIRECTORY - a private PostgreSQL for tests on 127.0.0.1, from Debian's package.
#
#   start D    a new cluster in D with user and database "weir"; prints its URI. It takes TLS, too, with
#              the certificate D/cert.pem; a user "secured", once made, needs a password
#   kill D     SIGKILL for the server and all its processes
#   restart D  again, with the data that it has
#   pause D    SIGSTOP for all of them: a server that hangs
#   resume D   SIGCONT
#   stop D     ends it, and D is removed
#
# The server does not run as root: then it runs as user postgres, whom the package creates. An
# acknowledged commit survives kill. Exit 77 from start: there is no PostgreSQL here.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/server.sh"

bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)

as_server() {
  if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

family() { # The server first, so that it starts nobody meanwhile.
  server=$(head -n 1 "$dir/db/postmaster.pid")
  echo "$server"
  grep -sl "^PPid:[[:space:]]*$server\$" /proc/[0-9]*/status | cut -d/ -f3
}

launch() {
  rm -f "$dir/db/postmaster.pid" # Where nobody collects the dead, a killed server's pid stays taken.
  # The dead server's processes may hold its memory for a moment.
  begin() { as_server "$bin/pg_ctl" -D "$dir/db" -l "$dir/log" -s -w start >/dev/null 2>&1; }
  await 60 begin || die "it does not start: $(tail -n 20 "$dir/log")"
}

command=${1:-help}
dir=${2:-}
case $dir in /*) ;; *) sed -n '2,/^set -eu/s/^# \{0,1\}//p' "$0" && exit 64 ;; esac
case $command in
  start)
    if [ ! -x "$bin/initdb" ] || { [ "$(id -u)" = 0 ] && ! id postgres >/dev/null 2>&1; }; then
      echo "postgres.sh: there is no PostgreSQL server" >&2
      exit 77
    fi
    mkdir -p "$dir"
    : >"$dir/log"
    [ "$(id -u)" != 0 ] || chown postgres: "$dir" "$dir/log"
    port=$(free_port)
    as_server "$bin/initdb" -D "$dir/db" -U weir -E UTF8 --locale=C.UTF-8 --no-sync -A trust >>"$dir/log" 2>&1 ||
      die "initdb: $(tail -n 20 "$dir/log")"
    cat >>"$dir/db/postgresql.conf" <<END
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = ''
fsync = off
full_page_writes = off
autovacuum = off
dynamic_shared_memory_type = mmap # In D: a killed server leaves nothing in /dev/shm.
END
    make_certificate
    [ "$(id -u)" != 0 ] || chown postgres: "$dir/key.pem"
    chmod 600 "$dir/key.pem"
    cat >>"$dir/db/postgresql.conf" <<END
ssl = on
ssl_cert_file = '$dir/cert.pem'
ssl_key_file = '$dir/key.pem'
END
    hba="$dir/db/pg_hba.conf"
    { echo "host all secured 127.0.0.1/32 scram-sha-256" && cat "$hba"; } >"$dir/hba"
    cat "$dir/hba" >"$hba"
    launch
    as_server "$bin/createdb" -h 127.0.0.1 -p "$port" -U weir weir
    echo "postgresql://weir@127.0.0.1:$port/weir"
    ;;
  kill)
    # shellcheck disable=SC2046 # pids
    kill -KILL $(family) 2>/dev/null || true
    ;;
  restart) launch ;;
  # One that has ended since it was listed needs no signal.
  pause) for pid in $(family); do kill -STOP "$pid" 2>/dev/null || true; done ;;
  resume) for pid in $(family); do kill -CONT "$pid" 2>/dev/null || true; done ;;
  stop)
    # shellcheck disable=SC2046
    [ ! -f "$dir/db/postmaster.pid" ] || kill -KILL $(family) 2>/dev/null || true
    rm -rf "$dir"
    ;;
  *) die "unknown command '$command'" ;;
esac
