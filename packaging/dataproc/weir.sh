#!/bin/bash
#
# Dataproc initialization action: installs weir and keeps its jobs running on
# the chosen nodes. Everything is read from cluster metadata; see README.md.
#
# No "set -x": the trace would put secrets into the initialization output, which
# Dataproc copies to the staging bucket.
set -euo pipefail

readonly REPO_DIR=/var/lib/weir-dataproc/repo
readonly APT_STATE=/var/lib/weir-dataproc/apt
readonly JOBS_DIR=/etc/weir/jobs
readonly CREDENTIALS_DIR=/etc/weir/credentials
readonly METADATA_TOOL=/usr/share/google/get_metadata_value

# Of root's, in memory, and gone with this script: what is fetched may be secret.
WORK=$(umask 077 && mktemp -d /run/weir-action.XXXXXX)
readonly WORK
trap 'rm -rf "${WORK}"' EXIT

ROLE=''      # dataproc-role of this node
MEMBERSHIP=dynamic
LOG_URI=''   # where journals are shipped to
LOG_LEVEL='' # of all jobs; theirs without
CHANGED=0    # whether this run changed anything a running job was started from

function log() { printf '[%(%FT%T%z)T] [%s] weir: %s\n' -1 "${HOSTNAME}" "$*" >&2; }
function die() { log "ERROR: $*"; exit 1; }

# Cluster metadata, or the default when the key is absent. A server that does not
# answer is no absent key: a checksum that is not read would not be asked for.
function metadata() {
  "${METADATA_TOOL}" "attributes/$1" 2>/dev/null && return
  retry "${METADATA_TOOL}" attributes/dataproc-role >/dev/null 2>&1 ||
    die "the metadata server does not answer"
  "${METADATA_TOOL}" "attributes/$1" 2>/dev/null || printf '%s' "${2:-}"
}

# Runs a command until it succeeds: 1+2+4+8+16 s of waiting in all.
function retry() {
  local delay
  for delay in 1 2 4 8 16; do
    "$@" && return 0
    log "'$1' failed, trying again in ${delay} s"
    sleep "${delay}"
  done
  "$@"
}

# Puts NEW in place of FILE when they differ.
function replace() {
  local mode=$1 new=$2 file=$3
  if ! cmp -s "${new}" "${file}"; then
    CHANGED=1
    install -m "${mode}" "${new}" "${file}"
  fi
}

function gcs_cp() {
  if command -v gcloud >/dev/null; then
    gcloud storage cp --recursive --no-user-output-enabled "$1" "$2"
  else
    gsutil -q -m cp -r "$1" "$2"
  fi
}

function check_platform() {
  local id version
  id=$(. /etc/os-release && echo "${ID}")
  version=$(. /etc/os-release && echo "${VERSION_ID}")
  [[ "${id}${version}" == debian12 && "$(dpkg --print-architecture)" == amd64 ]] ||
    die "needs a Debian 12 amd64 image (2.2-debian12, 2.3-debian12 or later); this is ${id} ${version}"
}

# A static member keeps its partitions until its session times out, which is
# good for a restart and bad for a node that leaves for ever.
function check_membership() {
  case $(metadata weir-static-membership false) in
    false) ;;
    true)
      [[ ${HOSTNAME} != *-sw-* ]] ||
        die "weir-static-membership=true is refused on secondary workers: one that leaves would keep" \
          "its partitions until its session times out; use weir-run-on=primary-workers, or leave it out"
      MEMBERSHIP=static
      ;;
    *) die 'weir-static-membership must be true or false' ;;
  esac
}

# Which nodes run jobs: workers (default), primary-workers, masters, all. A
# single node cluster has one node, a master, which then runs them.
function node_runs_jobs() {
  local kind
  case "${ROLE}" in
    Master)
      kind=master
      [[ "$(metadata dataproc-worker-count)" != 0 ]] || return 0
      ;;
    *) if [[ "${HOSTNAME}" == *-sw-* ]]; then kind=secondary; else kind=worker; fi ;;
  esac
  case "$(metadata weir-run-on workers)" in
    all) return 0 ;;
    workers) [[ ${kind} != master ]] ;;
    primary-workers) [[ ${kind} == worker ]] ;;
    masters) [[ ${kind} == master ]] ;;
    *) die "weir-run-on must be workers, primary-workers, masters or all" ;;
  esac
}

# apt, told of nothing but the staged repository: no other source on the image
# can break or slow this, and no route to the internet is needed.
function weir_apt() {
  apt-get -q -o Dir::Etc::sourcelist="${APT_STATE}/weir.list" -o Dir::Etc::sourceparts=- \
    -o Dir::State::lists="${APT_STATE}/lists" -o Dir::Cache::archives="${APT_STATE}/archives" \
    -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold "$@"
}

function install_packages() {
  local uri version want have
  uri=$(metadata weir-repo-uri)
  version=$(metadata weir-version)
  want=$(metadata weir-repo-sha256)
  [[ -n ${uri} ]] || die 'metadata key weir-repo-uri is not set'
  [[ -n ${version} ]] || die 'metadata key weir-version is not set'
  have=$(dpkg-query -W -f '${db:Status-Abbrev}${Version}' weir 2>/dev/null || true)
  if [[ ${have} == "ii ${version}" ]]; then
    log "weir ${version} is already installed"
    return
  fi
  rm -rf "${REPO_DIR}"
  mkdir -p "${REPO_DIR}" "${APT_STATE}"/{lists,archives}/partial
  retry gcs_cp "${uri%/}/*" "${REPO_DIR}/"
  if [[ -n ${want} ]]; then
    echo "${want}  ${REPO_DIR}/SHA256SUMS" | sha256sum --check --quiet - ||
      die "SHA256SUMS under ${uri} is not the one weir-repo-sha256 names"
  fi
  (cd "${REPO_DIR}" && sha256sum --check --quiet --strict SHA256SUMS) ||
    die "a file under ${uri} does not match SHA256SUMS"
  echo "deb [trusted=yes] file:${REPO_DIR} ./" >"${APT_STATE}/weir.list"
  export DEBIAN_FRONTEND=noninteractive
  retry weir_apt update
  retry weir_apt install -y --no-install-recommends "weir=${version}" "libweir1=${version}"
  CHANGED=1
  log "installed weir ${version}"
}

# weir-secrets: "name=secret[:version] ..." read from Secret Manager.
function install_credentials() {
  local items item name secret version
  install -d -m 0700 "${CREDENTIALS_DIR}"
  items=$(metadata weir-secrets)
  for item in ${items}; do
    [[ ${item} == *=* ]] || die "weir-secrets: '${item}' is not name=secret[:version]"
    name=${item%%=*} secret=${item#*=} version=latest
    [[ ${secret} != *:* ]] || { version=${secret##*:}; secret=${secret%:*}; }
    retry gcloud secrets versions access "${version}" --secret="${secret}" --out-file="${WORK}/secret" ||
      die "cannot read secret ${secret} (version ${version}): needs the cloud-platform scope" \
        "and roles/secretmanager.secretAccessor"
    replace 0600 "${WORK}/secret" "${CREDENTIALS_DIR}/${name}"
  done
}

# An env file as systemd reads it. Such files are also read by shells and by
# libraries: "export ", and comments behind a value, are theirs. A comment begins
# behind a space; what stands in quotes is the value whole.
function plain_env() {
  sed -nE "s/[ \t\r]+\$//; t name
    : name
    s/^[ \t]*(export[ \t]+)?([A-Za-z_][A-Za-z_0-9]*)[ \t]*=[ \t]+(#.*)?/\2=/; t value
    s/^[ \t]*(export[ \t]+)?([A-Za-z_][A-Za-z_0-9]*)[ \t]*=/\2=/; T
    : value
    s/^([^=]*=(\"[^\"]*\"|'[^']*'))([ \t]+#.*)?\$/\1/
    /^[^=]*=[\"']/! s/[ \t]+#.*//
    p" "$1"
}

# What an env file says of NAME; the last word counts.
function env_value() {
  sed -n "s/^$1=//p" "$2" | tail -n 1 | sed -E "s/^([\"'])(.*)\\1\$/\\2/"
}

# The env file of weir-env-uri, in FILE; empty without one.
function fetch_environment() {
  local uri
  uri=$(metadata weir-env-uri)
  : >"$1.given"
  [[ -z ${uri} ]] || retry gcs_cp "${uri}" "$1.given"
  plain_env "$1.given" >"$1"
}

# The environment of all jobs. An env file of the kind that Spark jobs are
# submitted with is taken as it is, and its names for brokers are understood.
function install_environment() {
  local brokers name given=${WORK}/env.given
  fetch_environment "${given}"
  LOG_URI=$(metadata weir-log-uri "$(env_value GCS_LOG_PATH "${given}")")
  LOG_LEVEL=$(log_level "$(env_value LOG_LEVEL "${given}")")
  brokers=$(metadata weir-kafka-bootstrap-servers)
  for name in KAFKA_BROKERS KAFKA_BOOTSTRAP KAFKA_BOOTSTRAP_SERVERS; do
    [[ -n ${brokers} ]] || brokers=$(env_value "${name}" "${given}")
  done
  {
    echo '# Written by the weir initialization action.'
    cat "${given}"
    [[ -z ${brokers} ]] || printf '%s=%s\n' WEIR_BROKERS "${brokers}" KAFKA_BROKERS "${brokers}"
    echo "WEIR_CLUSTER=$(metadata dataproc-cluster-name)"
  } >"${WORK}/env"
  # It may hold passwords; systemd reads it as root.
  replace 0600 "${WORK}/env" /etc/default/weir
  install_kafka_properties "${given}"
}

# The jobs' name for a level of Spark's log; nothing for none.
function log_level() {
  case ${1,,} in
    trace | debug | info | warn | error) echo "${1,,}" ;;
    all) echo trace ;;
    warning) echo warn ;;
    fatal | off) echo error ;;
  esac
}

# Security: a file of properties from the bucket, or what the env file says of
# SASL. Without either, what is there stays. The jobs read it, and nobody else.
function install_kafka_properties() {
  local given=$1 new=${WORK}/kafka.properties uri pair
  uri=$(metadata weir-config-uri)
  if [[ -n ${uri} ]]; then
    retry gcs_cp "${uri}" "${new}"
  else
    for pair in security.protocol=KAFKA_SECURITY_PROTOCOL sasl.mechanisms=KAFKA_SASL_MECHANISM \
      sasl.username=KAFKA_SASL_USERNAME sasl.password=KAFKA_SASL_PASSWORD; do
      [[ -z $(env_value "${pair#*=}" "${given}") ]] ||
        echo "${pair%%=*}=\${${pair#*=}}" >>"${new}"
    done
  fi
  [[ -e ${new} ]] || return 0
  replace 0640 "${new}" /etc/weir/kafka.properties
  chgrp weir /etc/weir/kafka.properties
}

# Every *.yaml under weir-jobs-uri, and *.env beside them.
function install_jobs() {
  local jobs file folder=${WORK}/jobs
  jobs=$(metadata weir-jobs-uri)
  [[ -n ${jobs} ]] || die 'metadata key weir-jobs-uri is not set'
  mkdir "${folder}"
  retry gcs_cp "${jobs%/}/*" "${folder}/"
  install -d -m 0755 "${JOBS_DIR}"
  for file in "${folder}"/*.yaml; do
    [[ -e ${file} ]] || die "no *.yaml under ${jobs}"
    replace 0644 "${file}" "${JOBS_DIR}/${file##*/}"
  done
  for file in "${folder}"/*.env; do
    [[ ! -e ${file} ]] || replace 0600 "${file}" "${JOBS_DIR}/${file##*/}"
  done
}

# The jobs this node runs: the listed ones (default: every job staged).
function jobs_to_run() {
  local jobs file
  jobs=$(metadata weir-jobs)
  if [[ -z ${jobs} ]]; then
    for file in "${JOBS_DIR}"/*.yaml; do jobs+=" $(basename "${file}" .yaml)"; done
  fi
  echo "${jobs}"
}

# Several jobs on one host need a port each. weir-metrics-port opens them to the
# network, from that port up in the order of the jobs; without it they are local.
function place_ports() {
  local job port address=0.0.0.0 more=''
  # A machine may go without a word; the others wait for it no longer than its
  # session. A static member is expected back.
  [[ ${MEMBERSHIP} != dynamic ]] || more=' -X session.timeout.ms=15000'
  more+=${LOG_LEVEL:+ --log-level ${LOG_LEVEL}}
  port=$(metadata weir-metrics-port)
  [[ -n ${port} ]] || { port=9464; address=127.0.0.1; }
  [[ ${port} =~ ^[0-9]+$ ]] || die "weir-metrics-port must be a port, not '${port}'"
  for job in $(jobs_to_run); do
    printf '[Service]\nEnvironment="WEIR_NODE_OPTIONS=--http %s:%d --set kafka.membership=%s%s"\n' \
      "${address}" "${port}" "${MEMBERSHIP}" "${more}" >"${WORK}/conf"
    mkdir -p "/etc/systemd/system/weir@${job}.service.d"
    replace 0644 "${WORK}/conf" "/etc/systemd/system/weir@${job}.service.d/50-dataproc-job.conf"
    port=$((port + 1))
  done
  systemctl daemon-reload
}

# Jobs that an earlier run set up and that are not listed any more.
function stop_others() {
  local conf job jobs
  jobs=" $(jobs_to_run | xargs) "
  for conf in /etc/systemd/system/weir@?*.service.d/50-dataproc-job.conf; do
    job=${conf%.service.d/*} job=${job##*/weir@}
    [[ -e ${conf} && ${jobs} != *" ${job} "* ]] || continue
    log "job ${job} is not listed any more: stopping it"
    systemctl disable --quiet --now "weir@${job}"
    rm "${conf}"
  done
}

# State in weir-state-dir, or on the first local SSD when there is one.
function place_state() {
  local folder
  folder=$(metadata weir-state-dir)
  [[ -n ${folder} || ! -d /mnt/1 ]] || folder=/mnt/1/weir
  [[ -n ${folder} ]] || return 0
  [[ ${folder} == /?* && ${folder} != *[[:space:]]* ]] ||
    die "weir-state-dir must be an absolute path, not '${folder}'"
  mountpoint -q /var/lib/weir && return 0
  install -d -m 0750 -o weir -g weir "${folder}"
  cat >/etc/systemd/system/var-lib-weir.mount <<EOF
[Unit]
Description=weir state in ${folder}
RequiresMountsFor=$(dirname "${folder}")

[Mount]
What=${folder}
Where=/var/lib/weir
Type=none
Options=bind

[Install]
WantedBy=multi-user.target
EOF
  systemctl daemon-reload
  systemctl enable --quiet --now var-lib-weir.mount
}

# Ships the journal of the jobs to Cloud Storage every minute, and once more
# after the jobs have stopped and before the network goes: Before= on the way up
# is "after" on the way down. A batch is named by where it begins: one that was
# cut off before the cursor moved is written again, longer, under its own name.
function install_log_shipping() {
  [[ -n ${LOG_URI} ]] || return 0
  cat >/usr/local/sbin/weir-ship-logs <<EOF
#!/bin/bash
set -euo pipefail
state=/var/lib/weir-dataproc/logs
dest='${LOG_URI%/}/$(metadata dataproc-cluster-name)/'\${HOSTNAME}
mkdir -p "\${state}"
exec 9>"\${state}/lock"; flock 9
journalctl --sync 2>/dev/null || true
cp -f "\${state}/cursor" "\${state}/cursor.new" 2>/dev/null || rm -f "\${state}/cursor.new"
since=\$(sed -n 's/.*;t=\([0-9a-f]*\);.*/\1/p' "\${state}/cursor.new" 2>/dev/null || true)
since=\$((16#\${since:-0}))
begin=\$(date -u -d "@\$((since / 1000000))" +%Y%m%dT%H%M%S).\$(printf %06d \$((since % 1000000)))Z
batch="\${state}/\${begin}-\$(cut -c1-8 /etc/machine-id).json"
journalctl -q -o json -u 'weir@*' --cursor-file="\${state}/cursor.new" >"\${batch}"
if [[ -s \${batch} ]]; then gzip -nf "\${batch}"; else rm "\${batch}"; fi
mv -f "\${state}/cursor.new" "\${state}/cursor" 2>/dev/null || true
# A batch leaves the spool only once it has arrived.
for f in "\${state}"/*.json.gz; do
  [[ -e \${f} ]] || continue
  if command -v gcloud >/dev/null; then gcloud storage cp --no-user-output-enabled "\${f}" "\${dest}/"
  else gsutil -q cp "\${f}" "\${dest}/"; fi
  rm "\${f}"
done
EOF
  chmod 0755 /usr/local/sbin/weir-ship-logs
  cat >/etc/systemd/system/weir-ship-logs.service <<'EOF'
[Unit]
Description=Ship weir job logs to Cloud Storage

[Service]
Type=oneshot
ExecStart=/usr/local/sbin/weir-ship-logs
# One that hangs keeps the lock.
TimeoutStartSec=5min
EOF
  cat >/etc/systemd/system/weir-ship-logs.timer <<'EOF'
[Unit]
Description=Ship weir job logs to Cloud Storage every minute

[Timer]
OnBootSec=1min
OnUnitActiveSec=1min
RandomizedDelaySec=10s

[Install]
WantedBy=timers.target
EOF
  cat >/etc/systemd/system/weir-ship-last-logs.service <<'EOF'
[Unit]
Description=Ship the last weir job logs at shutdown
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
ExecStop=/usr/local/sbin/weir-ship-logs
TimeoutStopSec=10s

[Install]
WantedBy=multi-user.target
EOF
  mkdir -p /etc/systemd/system/weir@.service.d
  cat >/etc/systemd/system/weir@.service.d/50-dataproc-logs.conf <<'EOF'
[Unit]
After=weir-ship-last-logs.service
EOF
  systemctl daemon-reload
  systemctl enable --quiet --now weir-ship-last-logs.service weir-ship-logs.timer
}

function set_stop_timeout() {
  local timeout
  # A VM has 120 s from the power button to power off; Spot and preemptible ones
  # 30 s, of which the last logs need some.
  timeout=60s
  [[ ${HOSTNAME} != *-sw-* ]] || timeout=15s
  timeout=$(metadata weir-stop-timeout "${timeout}")
  mkdir -p /etc/systemd/system/weir@.service.d
  printf '[Service]\nTimeoutStopSec=%s\n' "${timeout}" >/etc/systemd/system/weir@.service.d/50-dataproc-stop.conf
  systemctl daemon-reload
}

function state_of() { systemctl show -P ActiveState "weir@$1"; }

# Enables the jobs and waits for each to be ready. A job whose brokers are away
# goes on trying, and that is no failure of this node; one whose file is wrong is.
function start_jobs() {
  local job jobs verb=start units=() failed=()
  ((CHANGED == 0)) || verb=restart
  jobs=$(jobs_to_run)
  for job in ${jobs}; do units+=("weir@${job}"); done
  systemctl enable --quiet "${units[@]}"
  # It returns once every job has said that it is ready or has ended.
  timeout "$(metadata weir-start-timeout 60)" systemctl "${verb}" "${units[@]}" || true
  for job in ${jobs}; do
    case $(state_of "${job}") in
      active) continue ;;
      failed | inactive) failed+=("${job}") && log "job ${job} did not start:" ;;
      *) log "job ${job} is not ready yet: it restores its state, or Kafka does not answer, or refuses" ;;
    esac
    journalctl -q --no-pager -o cat -n 30 -u "weir@${job}" >&2 || true
  done
  ((${#failed[@]} == 0)) || die "jobs that did not start: ${failed[*]}"
  log "running:${jobs:+ ${jobs# }}"
}

# Every node has a role, so its absence means the metadata server cannot be
# read; going on would take every other key for unset.
function read_role() {
  ROLE=$(metadata dataproc-role)
  [[ -n "${ROLE}" ]]
}

function main() {
  check_platform
  retry read_role || die 'cannot read dataproc-role from the metadata server'
  if ! node_runs_jobs; then
    log "role ${ROLE} runs no jobs (weir-run-on=$(metadata weir-run-on workers))"
    return
  fi
  check_membership
  install_packages
  install_credentials
  install_environment
  install_jobs
  stop_others
  place_ports
  place_state
  install_log_shipping
  set_stop_timeout
  start_jobs
}

main "$@"
