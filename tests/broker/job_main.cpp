// A process that runs one of the three jobs in C++, to be killed at any moment.
//
//   kafka_job JOB STATE_DIR [SETTING=VALUE]...
//
// JOB: sliding-counts, order-analytics, order-payments, or one of jobs/keyed.h. Settings: id,
// threads, commit_ms, session_ms, stop_s, guarantee (exactly_once, at_least_once), membership
// (dynamic), end (until, drain), quiet. Its exit code is the App's.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>

#include <signal.h>

#include "jobs/keyed.h"
#include "jobs/order_analytics.h"
#include "jobs/order_payment.h"
#include "jobs/sliding_counts.h"
#include <weir/app.h>

namespace {

using Settings = std::map<std::string, std::string>;

weir::Result<weir::Topology> topology_of(const std::string& job) {
  if (job == "sliding-counts") return weir::jobs::sliding_counts();
  if (job == "order-analytics") return weir::jobs::order_analytics();
  if (job == "order-payments") return weir::jobs::order_payment();
  if (job == "customer-minutes") return weir::jobs::customer_minutes();
  if (job == "keyed-order-payments") return weir::jobs::keyed_order_payment();
  if (job == "key-counts") return weir::jobs::key_counts();
  if (job == "forward") return weir::jobs::forward();
  return weir::Error{"no such job: " + job};
}

int number(const Settings& settings, const std::string& name, int otherwise) {
  const auto found = settings.find(name);
  return found == settings.end() ? otherwise : std::atoi(found->second.c_str());
}

weir::AppConfig config_of(const std::string& job, const char* state_dir, const Settings& settings) {
  const auto text = [&](const std::string& name) {
    const auto found = settings.find(name);
    return found == settings.end() ? std::string() : found->second;
  };
  weir::AppConfig config;
  config.id = settings.contains("id") ? text("id") : job;
  const char* brokers = std::getenv("WEIR_TEST_BROKERS");
  config.brokers = brokers == nullptr ? "" : brokers;
  config.state_dir = state_dir;
  config.threads = number(settings, "threads", 1);
  config.commit_every = weir::Duration{number(settings, "commit_ms", 100)};
  config.session_timeout = weir::Duration{number(settings, "session_ms", 45'000)};
  config.stop_wait = weir::Duration{1'000 * number(settings, "stop_s", 30)};
  if (text("guarantee") == "at_least_once") config.guarantee = weir::Guarantee::at_least_once;
  if (text("membership") == "dynamic") config.membership = weir::Membership::dynamic;
  config.until_end = text("end") == "until" || text("end") == "drain";
  config.drain = text("end") == "drain";
  return config;
}

// Of the state RESTORING, of the last time that it was gone through.
std::atomic<std::int64_t> restore_begun_ms{0};
std::atomic<std::int64_t> restore_ms{0};

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

weir::AppListener listener_of(const std::string& job, bool quiet) {
  weir::AppListener listener;
  listener.state = [job](weir::AppState state) {
    if (state == weir::AppState::restoring) restore_begun_ms = now_ms();
    if (state == weir::AppState::running && restore_begun_ms > 0) {
      restore_ms = now_ms() - restore_begun_ms.exchange(0);
    }
    std::fprintf(stderr, "%s: %s\n", job.c_str(), weir::to_string(state));
  };
  listener.log = [job, quiet](int level, std::string_view text) {
    if (quiet && level > 3) return;
    std::fprintf(stderr, "%s: <%d> %.*s\n", job.c_str(), level, static_cast<int>(text.size()),
                 text.data());
  };
  return listener;
}

void tell_totals(const weir::App& app) {
  const weir::AppSnapshot now = app.snapshot();
  std::fprintf(stderr, "totals in=%llu out=%llu restored=%llu commits=%llu restore_ms=%llu",
               static_cast<unsigned long long>(now.total_in().records),
               static_cast<unsigned long long>(now.total_out().records),
               static_cast<unsigned long long>(now.restored),
               static_cast<unsigned long long>(now.commits),
               static_cast<unsigned long long>(restore_ms.load()));
  for (const auto& [reason, records] : now.discarded_by_reason()) {
    std::fprintf(stderr, " discarded.%s=%llu", reason.c_str(),
                 static_cast<unsigned long long>(records));
  }
  std::fprintf(stderr, "\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 64;
  Settings settings;
  for (int i = 3; i < argc; ++i) {
    const std::string word = argv[i];
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) return 64;
    settings[word.substr(0, equals)] = word.substr(equals + 1);
  }
  auto topology = topology_of(argv[1]);
  if (!topology) return 64;
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  weir::App app(config_of(argv[1], argv[2], settings), std::move(*topology),
                listener_of(argv[1], settings.contains("quiet")));
  std::thread watch([&] {
    int signal = 0;
    while (sigwait(&signals, &signal) == 0 && signal == SIGTERM) app.stop();
  });
  const weir::AppStatus ended = app.run();
  pthread_kill(watch.native_handle(), SIGUSR1);
  watch.join();
  tell_totals(app);
  if (!ended) std::fprintf(stderr, "error: %s\n", ended.error().to_string().c_str());
  return ended.code();
}
