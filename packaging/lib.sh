# What the scripts of this folder share. Source it; it defines functions and runs nothing.
# shellcheck shell=bash

# Debian packages that a build needs, and those that the tests need besides.
# shellcheck disable=SC2034  # Read by the scripts that source this file.
build_packages=(g++ cmake ninja-build pkg-config librdkafka-dev liblmdb-dev rapidjson-dev
  libspdlog-dev libfmt-dev libyaml-cpp-dev libcli11-dev libmongoc-dev libpq-dev zlib1g-dev
  libzstd-dev libcpp-httplib-dev prometheus-cpp-dev tzdata)
# shellcheck disable=SC2034
test_packages=(python3 python3-confluent-kafka libgtest-dev libgmock-dev libbenchmark-dev valgrind git
  clang-14 libclang-rt-14-dev clang-format-14 clang-tidy-14 python3-jsonschema)
# What the servers run on that tests start: Kafka and a MongoDB in Java, whose jars Maven fetches, PostgreSQL,
# Prometheus.
# shellcheck disable=SC2034
server_packages=(openjdk-17-jdk-headless maven openssl postgresql-15 prometheus)
# What packaging/tests/all.sh needs, first for `quick`.
# shellcheck disable=SC2034
package_test_packages=(build-essential debhelper lintian mmdebstrap systemd-container iproute2 curl bash-completion
  man-db pkg-kde-tools shellcheck ccache git python3 python3-yaml python3-jsonschema openjdk-17-jre-headless maven)
# shellcheck disable=SC2034
package_test_packages_whole=(piuparts autopkgtest blhc python3-pip)

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

# Runs a command quietly: its output is shown only when it fails.
quietly() {
  local log
  log=$(mktemp)
  if ! "$@" >"$log" 2>&1; then
    tail -n 60 "$log" >&2
    rm -f "$log"
    fail "failed: $*"
  fi
  rm -f "$log"
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else fail "packages have to be installed: run this as root, or install sudo"
  fi
}

# install_packages NAME...: installs what is missing and says so.
install_packages() {
  local missing=() name
  for name in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] ||
      missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || fail "missing packages: ${missing[*]} (and no apt-get here)"
  say "installing: ${missing[*]}"
  quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 update
  quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
    -o Acquire::Retries=3 install -y --no-install-recommends "${missing[@]}"
}

# install_servers: the servers of tests. Debian would start a PostgreSQL and a Prometheus at once; nobody asked
# for them.
install_servers() {
  local quiet=/etc/postgresql-common/createcluster.d/no-main-cluster.conf
  if ! dpkg -s prometheus >/dev/null 2>&1; then
    as_root mkdir -p /etc/systemd/system
    as_root ln -sf /dev/null /etc/systemd/system/prometheus.service
  fi
  if ! dpkg -s postgresql-common >/dev/null 2>&1; then
    as_root mkdir -p "${quiet%/*}"
    echo 'create_main_cluster = false' | as_root tee "$quiet" >/dev/null
  fi
  install_packages "${server_packages[@]}"
}

# build FOLDER TARGET CMAKE_OPTION...: configures FOLDER and builds TARGET in it, as nicely as
# $niceness says.
build() {
  local folder=$1 target=$2 since=$SECONDS
  shift 2
  say "building $folder: minutes when it is new"
  quietly cmake -S . -B "$folder" -G Ninja "$@"
  quietly nice -n "${niceness:-0}" cmake --build "$folder" --target "$target" --parallel "$(nproc)"
  say "built $folder in $((SECONDS - since)) s"
}
