# Pretend nodes: Debian 12 booted by systemd-nspawn in a network namespace that has nothing but loopback,
# and a real Kafka broker in the same namespace. Needs root. Sourced by the tests.
#   WORK  scratch folder    IMAGE  Debian 12 with systemd (tar, of rootfs.sh)
# shellcheck shell=bash
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
netns=weir-test-$$
nodes=0 passed=0 failed=0 skipped=0

ok() { # NAME COMMAND...
  local name=$1
  shift
  if "$@"; then
    echo "ok   - $name"
    passed=$((passed + 1))
  else
    echo "FAIL - $name"
    failed=$((failed + 1))
  fi
}
not() { ! "$@"; }
is() { [ "$1" = "$2" ] || { echo "'$1', not '$2'"; return 1; }; }
# lacks WORDS COMMAND...: it succeeds and says something, but not that.
lacks() {
  local words=$1 said
  shift
  said=$("$@" | tr -d "\0") && [ -n "$said" ] && not grep -qF -- "$words" <<<"$said"
}
# skip NAME WHY: something cannot be tried here. Who runs the tests decides whether that will do.
skip() { echo "skipped $1: $2" && skipped=$((skipped + 1)); }
tally() { echo "$passed passed, $failed failed, $skipped skipped"; return $((failed != 0)); }
now_ms() { date +%s%3N; }
# eventually SECONDS COMMAND...
eventually() {
  local end=$((SECONDS + $1 + 1))
  shift
  until "$@"; do
    ((SECONDS < end)) || return 1
    sleep 0.1
  done
}

# power_off PID: ends a machine, in good order when it can.
power_off() {
  local tries=100
  kill "$1" || return 0
  while [ -e "/proc/$1" ] && [ $((tries -= 1)) -gt 0 ]; do sleep 0.1; done
  kill -KILL "$1" 2>/dev/null || true
}

# fresh_work: makes WORK, and ends and removes what a run that was broken off has left in it.
fresh_work() {
  local file name
  mkdir -p "$WORK"
  [ -e "$WORK/.weir-test" ] || [ -z "$(ls -A "$WORK")" ] || { echo "$WORK is not empty" >&2; exit 1; }
  touch "$WORK/.weir-test"
  for file in "$WORK"/*/nspawn.pid; do
    if [ -e "$file" ] && grep -qs systemd-nspawn "/proc/$(cat "$file")/cmdline"; then power_off "$(cat "$file")"; fi
  done
  if [ -e "$WORK/kafka" ]; then "$top/tests/broker/kafka.sh" stop --remove --dir "$WORK/kafka"; fi
  for name in $(ip netns list | sed -n 's/^\(weir-test-[0-9]*\).*/\1/p'); do
    [ -e "/proc/${name##*-}" ] || ip netns del "$name"
  done
  awk -v at="$(realpath "$WORK")/" 'index($2, at) == 1 { print $2 }' /proc/mounts | sort -r |
    xargs -r umount -l
  find "$WORK" -mindepth 1 -maxdepth 1 ! -name .weir-test -exec rm -rf {} +
}

# chroot_new FOLDER TAR: a root in which packages can be installed; none of their services starts.
chroot_new() {
  mkdir "$1"
  tar -C "$1" -xf "$2"
  mount -t proc proc "$1/proc" # systemd-tmpfiles fails without, and says nothing.
  cp -L /etc/resolv.conf "$1/etc/"
  printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
  chmod +x "$1/usr/sbin/policy-rc.d"
}
chroot_end() { umount -l "$1/proc" 2>/dev/null || true; } # FOLDER

rig_up() {
  fresh_work
  mkdir -p "$WORK"/{gcs,secrets}
  trap rig_down EXIT
  ip netns add "$netns"
  ip -n "$netns" link set lo up
}
kafka() { # COMMAND [OPTION...]
  local command=$1
  shift
  ip netns exec "$netns" env WEIR_KAFKA_JVM="-Djava.security.auth.login.config=$WORK/login.conf" \
    "$top/tests/broker/kafka.sh" "$command" --dir "$WORK/kafka" "$@"
}
# On 9092 for everybody, on 9094 for who has the password. Without java and Kafka's jars there is nothing
# to see.
kafka_up() {
  local public=PLAINTEXT://127.0.0.1:9092,SASL://127.0.0.1:9094
  if ! command -v java >/dev/null || ! "$top/tests/broker/kafka.sh" fetch >/dev/null; then
    skip kafka "no java, or Kafka's jars cannot be fetched"
    exit 77
  fi
  printf '%s\n' 'KafkaServer { org.apache.kafka.common.security.plain.PlainLoginModule required' \
    ' user_someone="S3CR3T # too"; };' >"$WORK/login.conf"
  kafka start --port 9092 --set "listeners=$public,CONTROLLER://127.0.0.1:9093" \
    --set "advertised.listeners=$public" --set sasl.enabled.mechanisms=PLAIN \
    --set listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT \
    --set inter.broker.listener.name=PLAINTEXT >/dev/null
}
rig_down() {
  local file
  for file in "$WORK"/*/nspawn.pid; do
    if [ -e "$file" ]; then kill "$(cat "$file")" 2>/dev/null || true; fi
  done
  kafka stop --remove >/dev/null 2>&1 || true
  wait
  ip netns del "$netns" 2>/dev/null || true
}

# node_new NAME KEY=VALUE...: a fresh node with these cluster attributes.
node_new() {
  local name=$1 root=$WORK/$1/root rig=$WORK/$1/rig pair
  shift
  nodes=$((nodes + 1))
  mkdir -p "$root" "$rig"/{metadata/attributes,fail}
  tar -C "$root" -xf "$IMAGE"
  for pair in dataproc-cluster-name=demo dataproc-region=europe-west1 "$@"; do
    meta "$name" "${pair%%=*}" "${pair#*=}"
  done
  echo "$name" >"$root/etc/hostname"
  printf '127.0.0.1 localhost k1\n127.0.1.%d %s metadata.google.internal metadata\n' \
    "$nodes" "$name" >"$root/etc/hosts"
  rm -f "$root/etc/resolv.conf"
  install -D "$here/dataproc/stubs/get_metadata_value" "$root/usr/share/google/get_metadata_value"
  install "$here/dataproc/stubs/gcloud" "$root/usr/bin/gcloud"
  install "$here/dataproc/fake_metadata.py" "$rig/"
  install "$top/packaging/dataproc/weir.sh" "$rig/weir.sh"
  cat >"$root/etc/systemd/system/fake-metadata.service" <<-END
	[Service]
	ExecStart=/usr/bin/python3 /rig/fake_metadata.py /rig/metadata 127.0.1.$nodes 80
	[Install]
	WantedBy=multi-user.target
	END
  systemctl --root="$root" -q enable fake-metadata.service
}
meta() { printf '%s' "$3" >"$WORK/$1/rig/metadata/attributes/$2"; } # NODE KEY VALUE

node_boot() {
  local folder=$WORK/$1 state=
  setsid systemd-nspawn -q -D "$folder/root" --hostname="$1" --register=no --keep-unit --boot \
    --console=read-only --network-namespace-path="/run/netns/$netns" --resolv-conf=off \
    --bind="$folder/rig:/rig" --bind="$WORK/gcs:/rig/gcs" --bind-ro="$WORK/secrets:/rig/secrets" \
    </dev/null >"$folder/console.log" 2>&1 &
  echo $! >"$folder/nspawn.pid"
  for _ in $(seq 300); do
    state=$(on "$1" systemctl is-system-running 2>/dev/null || true)
    case $state in running | degraded) return ;; esac
    sleep 0.1
  done
  echo "node $1 did not boot: $state" >&2
  tail -n 5 "$folder/console.log" >&2
  return 1
}
leader() { pgrep -P "$(cat "$WORK/$1/nspawn.pid")" | head -n 1; }
on() { # NODE COMMAND...
  local name=$1
  shift
  nsenter -t "$(leader "$name")" -a env -i PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOSTNAME="$name" LC_ALL=C.UTF-8 DATAPROC_IMAGE_VERSION=2.2 WEIR_BROKERS=127.0.0.1:9092 "$@"
}
# The initialization action, as Dataproc runs it: root, no terminal.
node_action() { on "$1" bash /rig/weir.sh </dev/null >"$WORK/$1/action.log" 2>&1; }
gone() { ! kill -0 "$1" 2>/dev/null; }
# The machine is taken away without a word.
node_kill() {
  local pid
  pid=$(cat "$WORK/$1/nspawn.pid")
  kill -KILL "$(leader "$1")"
  eventually 20 gone "$pid" && rm -f "$WORK/$1/nspawn.pid"
}
# The next version of the packages, in FOLDER: the same files, and another conffile.
next_version() {
  local tree=$WORK/next-tree name
  for name in weir libweir1; do
    rm -rf "$tree"
    dpkg-deb -R "$REPO/$name"_[0-9]*.deb "$tree"
    sed -i 's/^Version: .*/&+next/' "$tree/DEBIAN/control"
    [ $name = libweir1 ] || echo '#new.in.next=1' >>"$tree/etc/weir/kafka.properties"
    dpkg-deb -b "$tree" "$1/${name}_next.deb" >/dev/null
  done
}
# What deleting the machine does: the power button.
node_off() {
  local pid
  pid=$(cat "$WORK/$1/nspawn.pid")
  on "$1" systemctl poweroff >/dev/null 2>&1 || true
  eventually 60 gone "$pid" && rm -f "$WORK/$1/nspawn.pid"
}

# The command of the packages under test, on this machine and in the nodes' network; the machine has what
# the packages are built with.
host_weir() {
  local files=$WORK/host name
  if [ ! -d "$files" ]; then
    for name in weir libweir1; do dpkg-deb -x "$REPO/$name"_[0-9]*.deb "$files"; done
  fi
  ip netns exec "$netns" env LD_LIBRARY_PATH="$(echo "$files"/usr/lib/*-linux-gnu)" \
    WEIR_BROKERS=127.0.0.1:9092 "$files/usr/bin/weir" "$@"
}

# orders, payments, orders_and_payments NODE FIRST LAST: one for each number, through the shipped command;
# of payments it may be told how fast.
orders() {
  seq -f 'o%g,c1,10.00' "$2" "$3" | sed '1i order_id,customer_id,amount' >"$WORK/$1/rig/orders.csv"
  on "$1" weir produce -q --csv /rig/orders.csv --topic orders_topic_data_v1 --key order_id \
    --batch-size 100000 --pause 1ms >/dev/null
}
payments() {
  local node=$1
  seq -f 'p%g' "$2" "$3" | sed 's/p\(.*\)/p\1,o\1,10.00/; 1i payment_id,order_id,amount' \
    >"$WORK/$node/rig/payments.csv"
  shift 3
  [ $# -gt 0 ] || set -- --batch-size 100000 --pause 1ms
  on "$node" weir produce -q --csv /rig/payments.csv --topic payments_topic_data_v1 --key order_id "$@" >/dev/null
}
orders_and_payments() { orders "$@" && payments "$@"; }
pairs_seen() { on "$1" weir consume -q order-payments 2>/dev/null; } # NODE
pairs_are() { [ "$(pairs_seen "$1" | wc -l)" = "$2" ]; }             # NODE NUMBER
