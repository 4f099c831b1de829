// One job at work: its App on a thread of its own.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "compile/key_check.h"
#include "compile/state_rows.h"
#include "job/plan.h"
#include "run/broker_words.h"
#include "run/job_steps.h"
#include "run/record_taps.h"
#include <weir/app.h>

namespace weir::run {

struct JobSetup {
  // What the topology was compiled from, and refers to.
  std::shared_ptr<const job::JobPlan> plan{};
  std::string name{};
  AppConfig config{};
  Topology topology{};
  std::map<std::string, std::string> streams{};  // Topic to stream: for metrics.
  std::map<std::string, std::string> sinks{};    // Topic to sink.
  std::set<std::string> unwanted{};  // Topics replaced by none: their results do not count as out.
  std::map<std::string, std::shared_ptr<const compile::KeyMismatches>> key_mismatches{};
  Timestamp loaded = 0;  // When the job file was read, by the wall clock.
  std::string redacted_json{};
};

class RunningJob {
 public:
  // On the brokers of its config, or on a cluster that is already there.
  explicit RunningJob(JobSetup setup, std::shared_ptr<kafka::Cluster> cluster = nullptr);
  ~RunningJob();
  RunningJob(const RunningJob&) = delete;
  RunningJob& operator=(const RunningJob&) = delete;

  void start();  // Returns at once.
  void stop() { app_->stop(); }

  // How it ended; nothing while it works.
  std::optional<AppStatus> ended() const;
  bool was_ready() const { return was_ready_; }
  const JobSetup& setup() const { return setup_; }
  AppSnapshot snapshot() const;
  AppState state() const { return app_->state(); }
  std::vector<std::string> created_topics() const { return app_->created_topics(); }

  // Null where the job came from no file.
  const JobSteps* steps() const { return steps_.get(); }
  RecordTaps* taps() const { return taps_.get(); }
  const compile::StateRows* state_rows() const { return state_rows_.get(); }
  // As App::scan.
  Status scan(std::string_view store, int partition, Bytes from, Bytes to,
              BytesStore::Visit visit) const {
    return app_->scan(store, partition, from, to, visit);
  }

  // What it had to say since the last call: level as syslog's, and a line.
  std::vector<std::pair<int, std::string>> take_words();

 private:
  AppListener listener();

  JobSetup setup_;
  std::unique_ptr<JobSteps> steps_;
  std::unique_ptr<compile::StateRows> state_rows_;
  std::unique_ptr<App> app_;
  std::unique_ptr<RecordTaps> taps_;
  std::thread thread_;
  mutable std::mutex mutex_;
  std::optional<AppStatus> ended_;
  std::vector<std::pair<int, std::string>> words_;
  BrokerWords broker_words_;
  std::atomic<bool> was_ready_ = false;
};

}  // namespace weir::run
