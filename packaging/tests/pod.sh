# A pod of packaging/kubernetes beside the rig's Kafka, with systemd-nspawn for an engine: the image as the
# Containerfile's last stage makes it, read-only, with the user, command, environment and probes of the
# manifest. Sourced by service.sh.
#   BARE  Debian 12 without systemd (tar, of rootfs.sh)
# shellcheck shell=bash
manifest=$top/packaging/kubernetes/weir.yaml
pod_says() { /usr/bin/python3 "$here/kubernetes.py" "$1" "$manifest"; } # WHAT

image() {
  local root=$WORK/image
  chroot_new "$root" "$BARE"
  mkdir "$root/debs"
  cp "$REPO"/{weir,libweir1}_[0-9]*.deb "$root/debs/"
  /usr/bin/python3 "$here/containerfile.py" "$top/packaging/Containerfile" 1 |
    chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin sh >"$WORK/image.log" 2>&1 ||
    { tail -n 20 "$WORK/image.log"; return 1; }
  chroot_end "$root"
  rm -r "$root/debs"
  # What an engine makes for mounts.
  mkdir "$root/etc/weir/kafka"
  echo '127.0.0.1 localhost kafka' >"$root/etc/hosts"
}
answers() { ip netns exec "$netns" curl -fs "http://127.0.0.1:9464$1" >"$WORK/answer"; } # PATH
reads_records() { answers /metrics && grep -q '^weir_records_in_total{[^}]*} [1-9]' "$WORK/answer"; }
pod_ended() { # NSPAWN: with 0, in the time that the manifest gives
  eventually "$(pod_says grace)" gone "$1" && wait "$1"
}

pod() {
  local folder=$WORK/pod path engine words=() flags=()
  ok 'image: the Containerfile makes it of a bare Debian' image
  ok 'image: has no systemd, no lists of packages, no name of a machine' eval \
    'not chroot "$WORK/image" dpkg -s systemd >/dev/null 2>&1 &&
     [ -z "$(find "$WORK/image/var/lib/apt/lists" -type f)" ] && not test -s "$WORK/image/etc/machine-id"'
  tar -xOf "$BARE" ./var/lib/dpkg/status >"$WORK/bare.status"
  ok 'image: what the packages bring is what their README lists, in size, too' \
    /usr/bin/python3 "$here/needs.py" "$top/packaging/README.md" "$WORK/bare.status" "$WORK/image/var/lib/dpkg/status"
  echo "       $(du -sm "$WORK/image" | cut -f1) MB, of them Debian $(($(stat -c %s "$BARE") >> 20)) MB"
  mkdir -p "$folder"/{state,jobs,kafka,credentials}
  cp "$top/jobs/order-analytics.yaml" "$folder/jobs/"
  pod_says config >"$folder/kafka/kafka.properties"
  chown "$(pod_says user):$(pod_says user)" "$folder/state"
  mapfile -t words < <(pod_says args)
  mapfile -t flags < <(pod_says env | sed 's/^/--setenv=/')
  host_weir produce -q order-analytics --records 100 --no-faults >/dev/null
  setsid systemd-nspawn -q -D "$WORK/image" --read-only --user=weir --register=no --keep-unit \
    --network-namespace-path="/run/netns/$netns" --resolv-conf=off --console=pipe \
    --drop-capability=all --no-new-privileges=yes "${flags[@]}" --bind="$folder/state:/var/lib/weir" \
    --bind-ro="$folder/jobs:/etc/weir/jobs" --bind-ro="$folder/kafka:/etc/weir/kafka" \
    --bind-ro="$folder/credentials:/run/credentials/weir" \
    weir "${words[@]}" </dev/null >"$folder/log" 2>&1 &
  engine=$!
  echo "$engine" >"$folder/nspawn.pid"
  for path in $(pod_says probes); do
    ok "pod: $path answers that all is well" eventually 30 answers "$path"
  done
  ok 'pod: reads records' eventually 20 reads_records
  kill -TERM "$(leader pod)"
  ok 'pod: SIGTERM ends it well' pod_ended $engine
  ok 'pod: committed before it ended' grep -q '^totals in=100' "$folder/log"
  rm -f "$folder/nspawn.pid"
  [ "$failed" = 0 ] || tail -n 20 "$folder/log"
}
