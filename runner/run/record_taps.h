// Samples of the records that go into and out of a step while its job runs: for `weir tap`.
//
// A tap costs a worker at most so many records a second, each written as JSON; the rest are counted
// and go on. What is sampled waits, within bounds, until it is fetched, and a tap that nobody
// fetches from is taken off.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "compile/row_writer.h"
#include "run/job_steps.h"
#include <weir/error.h>
#include <weir/record_watcher.h>
#include <weir/time.h>

namespace weir::run {

struct TapWish {
  bool in = true;
  bool out = true;
  int rate = 100;  // Records a second that are looked at.
};

// What a tap has seen since it was asked last.
struct TapHarvest {
  std::vector<std::string> records{};  // JSON objects.
  std::uint64_t seen = 0;              // Records that passed.
  std::uint64_t unseen = 0;            // Of those, how many were not looked at.
};

class RecordTaps {
 public:
  // `watch` hands a watcher to the job. REQUIRES: `steps` outlives this.
  using Watch = std::function<void(std::shared_ptr<RecordWatcher>)>;
  RecordTaps(const JobSteps& steps, Watch watch);
  ~RecordTaps();

  static constexpr std::size_t kTapsMax = 4;
  static constexpr int kRateMax = 10'000;
  static constexpr std::int64_t kForgottenMs = 5000;  // Without a fetch.

  // The id of a new tap. An Error: there is no such step, nothing of that kind passes it, or there
  // are too many taps.
  Result<std::string> open(const std::string& step, const TapWish& wish, Timestamp now);
  // An Error when there is no such tap (any more).
  Result<TapHarvest> fetch(const std::string& id, Timestamp now);
  void close(const std::string& id);
  // Takes off what nobody fetches from.
  void tidy(Timestamp now);

 private:
  class Tap;
  class Watcher;
  void hand_over();

  const JobSteps& steps_;
  const Watch watch_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Tap>> taps_;
  std::uint64_t opened_ = 0;
};

}  // namespace weir::run
