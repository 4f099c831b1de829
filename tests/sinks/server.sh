# What the scripts of this folder share: a server that a test owns, in a directory of its own. Source
# it; it defines functions and runs nothing.
# shellcheck shell=sh

die() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

listening() { # PORT
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v port="$(printf ':%04X' "$1")" \
    '$4 == "0A" && substr($2, length($2) - 4) == port { found = 1 } END { exit !found }'
}

# Below the ports that the kernel gives to clients, so that none of them is first.
free_port() {
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    candidate=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
    if ! listening "$candidate"; then
      echo "$candidate"
      return
    fi
  done
  die "no free port found"
}

# In $dir: key.pem and cert.pem, of 127.0.0.1.
make_certificate() {
  openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=localhost \
    -addext 'subjectAltName=IP:127.0.0.1' -keyout "$dir/key.pem" -out "$dir/cert.pem" 2>>"$dir/log" ||
    die "no certificate: $(cat "$dir/log")"
}

# await SECONDS COMMAND...: until it succeeds.
await() {
  limit=$(($(date +%s) + $1))
  shift
  until "$@"; do
    [ "$(date +%s)" -lt "$limit" ] || return 1
    sleep 0.05
  done
}

# In $dir: pid and port. SIGKILL for the process that has them, if it is there.
end() {
  pid=$(cat "$dir/pid" 2>/dev/null) || return 0
  kill -KILL "$pid" 2>/dev/null || true
  ended() { ! listening "$(cat "$dir/port")"; }
  await 10 ended || die "it does not end"
  rm -f "$dir/pid"
}

# beside NAME VARIABLE PROGRAM [ARGUMENT]...: runs a program beside a server of its own, which NAME.sh
# starts. VARIABLE is its URI, VARIABLE_DIR the directory for NAME.sh. Exit: the program's, or 77
# (skipped) when there can be no such server here.
beside() {
  # shellcheck disable=SC2154 # who sources this has `here`.
  script=$here/$1.sh variable=$2
  dir=$(mktemp -d "${TMPDIR:-/tmp}/weir-$1-test.XXXXXX")
  shift 2
  trap '"$script" stop "$dir" || true' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  status=0
  uri=$("$script" start "$dir") || status=$?
  if [ "$status" != 0 ]; then
    [ "$status" != 77 ] || echo "$(basename "$0"): skipped" >&2
    exit "$status"
  fi
  export "$variable=$uri" "${variable}_DIR=$dir"
  "$@" || status=$?
  exit "$status"
}
