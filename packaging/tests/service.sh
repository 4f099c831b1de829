#!/usr/bin/env bash
# The service under a real systemd, beside a real Kafka, in a booted container without any other network.
#   WORK=folder IMAGE=rootfs.tar BARE=bare.tar REPO=folder(stage.sh) [QUICK=1] service.sh
# Exit: 0 passed, 1 failed, 77 skipped.
. "$(dirname "$0")/rig.sh"
. "$here/pod.sh"

n=svc unit=weir@order-payments
sd() { on $n systemctl "$@"; }
prop() { sd show -P "$1" "${2:-$unit}"; }
journal() { on $n journalctl -q -o cat -u "${1:-$unit}"; }
apt_get() {
  on $n env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dir::Etc::sourcelist=/weir.list \
    -o Dir::Etc::sourceparts=- -o Dpkg::Options::=--force-confold "$@" >"$WORK/apt.log" 2>&1 ||
    { cat "$WORK/apt.log"; return 1; }
}
# The job's main process; 0, and so no signal to everything, when there is none.
main_pid() { local pid; pid=$(prop MainPID) && [ "$pid" -gt 0 ] && echo "$pid"; }
status_is() { grep -q "$1" <(prop StatusText); }
active() { sd is-active -q "${1:-$unit}"; }
restarted() { local now; now=$(main_pid) && [ "$now" != "$1" ] && active; }

credential() { # PASSWORD
  on $n sh -c 'umask 077; printf %s "$1" >/etc/weir/credentials/kafka' sh "$1"
}
refused_twice() { [ "$(prop NRestarts)" -ge 2 ] && [ "$(prop ExecMainStatus)" = 77 ]; }

install_and_start() {
  ok 'install: without network, from the staged repository' apt_get install -y \
    --no-install-recommends weir
  ok 'install: the target is enabled and active, no job runs' eval \
    'sd is-enabled -q weir.target && active weir.target && [ -z "$(sd list-units -q --plain "weir@*")" ]'
  # Where nobody is let in without a password.
  on $n sh -c 'echo KAFKA_BROKERS=127.0.0.1:9094 >/etc/default/weir
    printf "%s\n" security.protocol=SASL_PLAINTEXT sasl.mechanisms=PLAIN sasl.username=someone \
      "sasl.password=\${credential:kafka}" >>/etc/weir/kafka.properties
    echo "WEIR_OPTIONS=--replace-sink mongodb=none" >/etc/weir/jobs/order-payments.env
    cp /usr/share/doc/weir/examples/order-payments.yaml /etc/weir/jobs/'
  credential "S3CR3T # too"
  on $n weir produce -q order-payments --records 1 --no-faults >/dev/null # Makes the topics.
  ok 'start: returns once the job is ready' eval 'sd enable -q --now $unit && active'
  ok 'start: weir status agrees, and systemd knows what it does' eval \
    'on $n weir status | grep -q running && eventually 10 status_is "^totals in="'
  orders_and_payments $n 1 200
  ok 'results: 200 orders met their payments' eventually 20 pairs_are $n 200
  ok 'sandbox: own user, no capability, system calls filtered' eval \
    's=$(on $n cat "/proc/$(prop MainPID)/status") && grep -qE "^Seccomp:.2" <<<"$s" &&
     grep -qE "^CapBnd:.0+$" <<<"$s" && [ "$(on $n stat -c %U "/proc/$(prop MainPID)")" = weir ]'
  ok 'credential: reached the job, which has logged in with it' eval \
    '[ -n "$(on $n ss -Htn state established dport = :9094)" ]'
  ok 'credential: is in no log and no environment' eval \
    'lacks S3CR3T journal && lacks S3CR3T on $n cat "/proc/$(prop MainPID)/environ"'
}

failures() {
  local pid
  pid=$(main_pid) || { ok 'the job runs' false; return; }
  on $n kill -9 "$pid"
  ok 'crash: restarted' eventually 60 restarted "$pid"
  orders_and_payments $n 201 300
  ok 'crash: nothing lost, nothing twice' eval 'eventually 60 pairs_are $n 300 && sleep 1 &&
    [ "$(pairs_seen $n | grep -o "\"order_id\":\"[^\"]*\"" | sort -u | wc -l)" = 300 ] && pairs_are $n 300'
  on $n sh -c 'printf "job: x\n" >/etc/weir/jobs/bad.yaml'
  sd start weir@bad 2>/dev/null || true
  sleep 6
  ok 'bad job: failed with 78 and stays down' eval \
    '[ "$(prop ActiveState weir@bad) $(prop ExecMainStatus weir@bad) $(prop NRestarts weir@bad)" = "failed 78 0" ]'
  ok 'bad job: the journal says where it is wrong' eval 'grep -q "bad.yaml:1" <(journal weir@bad)'
  ok 'no job file: refused before anything runs' eval \
    'not sd start weir@absent 2>/dev/null && [ "$(prop AssertResult weir@absent)" = no ]'
}

# Who may log in is said on the brokers: the job is up again when they let it in, without a hand here.
refused_login() {
  credential wrong
  sd restart $unit 2>/dev/null || true
  ok 'refused login: exits 77 and is tried again' eventually 90 refused_twice
  ok 'refused login: the journal says so, without the password' eval \
    'grep -qi "refuse" <(journal) && lacks S3CR3T journal'
  credential 'S3CR3T # too'
  ok 'refused login: it runs once it is let in' eventually 60 active
}

watchdog() {
  local pid
  on $n sh -c 'mkdir -p /run/systemd/system/weir@.service.d
    printf "[Service]\nWatchdogSec=3s\n" >/run/systemd/system/weir@.service.d/zz.conf'
  sd daemon-reload
  sd restart $unit
  pid=$(main_pid) || { ok 'the job runs' false; return; }
  on $n kill -STOP "$pid"
  ok 'watchdog: a job that stands still is killed and restarted' eventually 60 restarted "$pid"
  on $n rm -r /run/systemd/system/weir@.service.d
  sd daemon-reload
}

# Brokers that hang while there is much to commit: it gives up by itself before it is killed.
hung_brokers() {
  local feeder since
  seq -f 'h%g,c1,10.00' 1 5000 | sed '1i order_id,customer_id,amount' >"$WORK/$n/rig/many.csv"
  on $n weir produce -q --csv /rig/many.csv --topic orders_topic_data_v1 --key order_id --batch-size 20 \
    --pause 20ms >/dev/null 2>&1 &
  feeder=$!
  sleep 2
  kafka pause all >/dev/null
  since=$(now_ms)
  sd stop $unit
  echo "       gave up after $(($(now_ms) - since)) ms"
  ok 'hung brokers: a stop says that it gives up, and ends by itself' eval \
    '[ "$(prop Result)" = exit-code ] && grep -q "cut off" <(journal)'
  kafka resume all >/dev/null
  wait $feeder || true
  ok 'hung brokers: it starts again when they answer' eval 'sd start $unit && active'
}

# What autopkgtest leaves to machines that are its own.
as_debian_tests_it() {
  install "$top/packaging/debian/tests/service" "$WORK/$n/rig/"
  sd stop $unit # Its port would be taken.
  ok "debian/tests: service" eval \
    'on $n sh /rig/service >"$WORK/debian-test" 2>&1 || not cat "$WORK/debian-test"'
  sd start $unit
}

target() {
  local since
  since=$(now_ms)
  ok 'target: its stop stops the job' eval 'sd stop weir.target && not active'
  echo "       took $(($(now_ms) - since)) ms"
  ok 'target: the job committed and ended by itself' eval '[ "$(prop Result)" = success ]'
  ok 'target: its start starts the enabled job' eval 'sd start weir.target && eventually 30 active'
}

upgrade_and_purge() {
  local pid
  pid=$(main_pid) || { ok 'the job runs' false; return; }
  mkdir "$WORK/$n/root/next"
  next_version "$WORK/$n/root/next"
  ok 'upgrade: installed' apt_get install -y --no-install-recommends /next/weir_next.deb /next/libweir1_next.deb
  ok 'upgrade: the running job is restarted' eventually 60 restarted "$pid"
  ok 'upgrade: an edited conffile is kept' on $n grep -q credential:kafka /etc/weir/kafka.properties
  ok 'reboot: the enabled job is back' eval 'node_off $n && node_boot $n && eventually 60 active'
  ok 'reboot: it goes on where it was' eval \
    'orders_and_payments $n 301 310 && eventually 20 pairs_are $n 310'
  ok 'remove: stops the job, keeps configuration and state' eval \
    'apt_get remove -y weir && not active &&
     on $n test -d /var/lib/weir/order-payments -a -e /etc/weir/kafka.properties'
  ok 'purge: nothing of ours is left, all of the administrator' eval 'apt_get purge -y weir &&
    [ -z "$(on $n find /etc/systemd /var/lib/systemd /var/lib/weir -name "*weir*" 2>/dev/null)" ] &&
    not on $n test -e /etc/weir/credentials -o -e /etc/weir/kafka.properties &&
    on $n test -e /etc/weir/jobs/order-payments.yaml -a -e /etc/weir/jobs/order-payments.env \
      -a -e /etc/default/weir'
}

rig_up
kafka_up
node_new $n
cp -r "$REPO" "$WORK/$n/root/repo"
echo 'deb [trusted=yes] file:/repo ./' >"$WORK/$n/root/weir.list"
node_boot $n
apt_get update
install_and_start
failures
if [ -z "${QUICK:-}" ]; then
  watchdog
  refused_login
  target
  hung_brokers
  as_debian_tests_it
  upgrade_and_purge
  pod
fi
[ "$failed" = 0 ] || journal | tail -n 30
tally
