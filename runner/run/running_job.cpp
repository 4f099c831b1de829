#include "run/running_job.h"

#include <chrono>

namespace weir::run {

namespace {

constexpr std::size_t kWordsMax = 1000;  // A flood of words must not become a flood of memory.

Timestamp now_ms() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

}  // namespace

RunningJob::RunningJob(JobSetup setup, std::shared_ptr<kafka::Cluster> cluster)
    : setup_(std::move(setup)) {
  if (cluster) {
    app_ = std::make_unique<App>(setup_.config, setup_.topology, std::move(cluster), listener());
  } else {
    app_ = std::make_unique<App>(setup_.config, setup_.topology, listener());
  }
  if (!setup_.plan) return;
  steps_ = std::make_unique<JobSteps>(*setup_.plan, setup_.topology, setup_.sinks);
  state_rows_ = std::make_unique<compile::StateRows>(*setup_.plan);
  taps_ = std::make_unique<RecordTaps>(
      *steps_, [this](std::shared_ptr<RecordWatcher> watcher) { app_->watch(std::move(watcher)); });
}

RunningJob::~RunningJob() {
  if (!thread_.joinable()) return;
  app_->stop();
  app_->stop();
  thread_.join();
}

AppListener RunningJob::listener() {
  AppListener listener;
  listener.state = [this](AppState state) {
    if (state == AppState::running) was_ready_ = true;
  };
  listener.log = [this](int level, std::string_view text) {
    const std::lock_guard lock(mutex_);
    if (words_.size() >= kWordsMax) return;
    auto told = broker_words_.told(text, now_ms());
    if (told) words_.emplace_back(level, std::move(*told));
  };
  return listener;
}

void RunningJob::start() {
  thread_ = std::thread([this] {
    AppStatus status;
    try {
      status = app_->run();
    } catch (const std::exception& failure) {
      status = AppStatus(AppFault::internal, Error{failure.what()});
    }
    if (!status) {
      const Error& error = status.error();
      status = AppStatus(status.fault(), Error{plain_words(error.text), error.hint});
    }
    const std::lock_guard lock(mutex_);
    ended_ = std::move(status);
  });
}

AppSnapshot RunningJob::snapshot() const {
  AppSnapshot now = app_->snapshot();
  for (const std::string& topic : setup_.unwanted) {
    now.out.erase(topic);
    now.end_to_end_seconds.erase(topic);
  }
  return now;
}

std::optional<AppStatus> RunningJob::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

std::vector<std::pair<int, std::string>> RunningJob::take_words() {
  const std::lock_guard lock(mutex_);
  return std::exchange(words_, {});
}

}  // namespace weir::run
