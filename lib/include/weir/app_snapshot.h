// What a running job looks like at one moment: every number that a metric, a status line or a
// dashboard may want. Plain data, gathered from what each worker thread last published.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <weir/time.h>

namespace weir {

// What an App does. Also the order in which it goes through them, but for `rebalancing`.
enum class AppState {
  created,
  starting,     // Looking at the cluster, making topics.
  rebalancing,  // Waiting for the group to give this instance its partitions.
  restoring,    // Reading changelogs.
  running,      // All tasks are restored and process.
  stopping,     // Committing and leaving.
  stopped,
  failed,
};
const char* to_string(AppState state);

// Records and the bytes of their keys and values.
struct Flow {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  void add(const Flow& other) {
    records += other.records;
    bytes += other.bytes;
  }
};

inline constexpr std::array<double, 15> kLatencyLimits = {  // In seconds.
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60};
inline constexpr std::array<double, 15> kStepLimits = {
    1e-7, 2.5e-7, 5e-7, 1e-6, 2.5e-6, 5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 1e-3, 1e-2, 0.1, 1};

// How often something took how long. The last bucket has no limit.
template <const std::array<double, 15>& limits>
struct TimeHistogram {
  static constexpr const std::array<double, 15>& kLimits = limits;
  std::array<std::uint64_t, kLimits.size() + 1> counts{};
  double sum = 0;  // In seconds.

  void observe(double seconds, std::uint64_t times = 1);
  void add(const TimeHistogram& other);
  std::uint64_t count() const;
  // Of so many in a hundred it took at most so long, in seconds: between two limits by their
  // distance. Nothing observed: 0. Above the last limit: that limit.
  double percentile(double percent) const;
};
using Histogram = TimeHistogram<kLatencyLimits>;
using StepTimes = TimeHistogram<kStepLimits>;  // Of one record in one stage.
extern template struct TimeHistogram<kLatencyLimits>;
extern template struct TimeHistogram<kStepLimits>;

// Counters grow since the start of the process; what was aborted does not count. Gauges are of now.
struct AppSnapshot {
  struct Discarded {
    std::string step{};  // "" for what could not be decoded.
    std::string reason{};
    std::uint64_t records = 0;
  };
  // A stage of the topology, all of its tasks together.
  struct Step {
    std::string kind{};
    std::uint64_t in = 0;                 // Of a source: records read. Else records it was handed.
    std::uint64_t out = 0;                // Records it passed on, or wrote to its topic.
    std::vector<std::uint64_t> inputs{};  // `in` by input, in the order of StageSpec::inputs.
    double busy_seconds = 0;              // Of processor time, as a sample tells.
    StepTimes times{};                    // Of that sample: its own time for one record.
    std::uint64_t open_windows = 0;       // Now. Windows and sessions that are not closed yet.

    void add(const Step& other);
  };
  // A partition of a topic that this instance reads.
  struct Input {
    std::string topic{};
    int partition = 0;
    bool is_source = true;       // Else a repartition topic.
    std::int64_t committed = 0;  // Where reading goes on after a restart.
    std::int64_t end = -1;       // As last heard; -1: not yet.
    std::int64_t lag = -1;       // From the committed offset to the end; -1: not known.
    Timestamp time = kNoTime;    // Its stream time; kNoTime: no record yet. kEndOfTime: drained.
    bool idle = false;           // Silent so long that its time follows the clock.
    std::uint64_t queued = 0;    // Records that wait for other inputs.
  };
  struct Task {
    int sub_topology = 0;
    int partition = 0;
    int worker = 0;
    bool restoring = false;
    Timestamp time = kNoTime;
  };
  struct Store {
    std::string name{};
    int partition = 0;
    std::uint64_t entries = 0;          // About.
    std::uint64_t bytes_on_disk = 0;    // Of the pages that hold them.
    std::uint64_t bytes_in_memory = 0;  // Changes that are not on the disk yet.
    std::uint64_t restored = 0;         // Records read from the changelog since the task came here.
    std::uint64_t remaining = 0;        // That are still to be read.
    StepTimes gets{};                   // How long operations take, of a sample.
    StepTimes puts{};                   // Erasing, too.
    StepTimes scans{};
  };
  // The disk of a task, all of its stores together.
  struct Disk {
    int sub_topology = 0;
    int partition = 0;
    std::uint64_t bytes_used = 0;
    std::uint64_t bytes_mapped = 0;
  };
  // A sink that is no topic, as one worker sees it.
  struct Sink {
    std::string name{};
    bool waiting = false;  // It does not answer: what goes to it is read no further.
    std::string why{};
  };
  struct Worker {
    int number = 0;
    std::string doing{};   // In a word or two.
    double busy = 0;       // Share of the last seconds that it did not wait; 0 to 1.
    double held = 0;       // Share of them that it was held back by a sink; 0 to 1.
    Timestamp turned = 0;  // When its loop last came around, by the wall clock.
  };
  // The consumers of all workers, or their producers, as librdkafka tells every few seconds.
  struct Client {
    struct Broker {
      std::string address{};
      double round_trip_seconds = 0;  // On average, lately.
      std::uint64_t waiting = 0;      // Requests that are not answered or not sent yet.
      std::uint64_t errors = 0;       // Requests that failed, since the start.
      std::uint64_t timeouts = 0;
    };
    std::string kind{};        // "consumer" or "producer".
    std::uint64_t queued = 0;  // Records to be sent, or read ahead.
    std::vector<Broker> brokers{};
  };

  AppState state = AppState::created;
  std::string instance_id{};
  Timestamp taken = 0;  // By the wall clock.

  // contracts: weir_records_in_total counts source topics only, _out_total sinks only.
  std::map<std::string, Flow> in{};   // By source topic.
  std::map<std::string, Flow> out{};  // By sink topic or sink.
  std::vector<Discarded> discarded{};
  std::map<std::string, std::uint64_t> dead_letters{};    // Of those, by reason.
  std::map<std::string, std::uint64_t> sink_retries{};    // By sink.
  std::map<std::string, Histogram> sink_write_seconds{};  // By sink: its answer to a batch.
  std::map<std::string, Step> steps{};                    // By the stage's name.

  std::uint64_t commits = 0;
  std::uint64_t aborts = 0;
  std::uint64_t rebalances = 0;   // Assignments taken up.
  std::uint64_t revocations = 0;  // Partitions given back when asked.
  std::uint64_t losses = 0;       // Partitions that were gone without being asked for.
  std::uint64_t restored = 0;     // Records read from changelogs.
  std::uint64_t replaced = 0;     // Workers that were fenced or broke and were made anew.
  Histogram commit_seconds{};
  Histogram rebalance_seconds{};  // From new partitions to all of their tasks at work.
  std::map<std::string, Histogram> end_to_end_seconds{};  // By sink: event time to committed.
  std::map<std::string, Histogram> processing_seconds{};  // By sink: read to committed.
  // How far its partition had come past a late record. By the topic that it was read from.
  std::map<std::string, Histogram> late_by_seconds{};

  std::vector<Input> inputs{};
  std::vector<Task> tasks{};
  std::vector<Store> stores{};
  std::vector<Disk> disks{};
  std::vector<Worker> workers{};  // Those that have not ended.
  std::vector<Sink> sinks{};
  std::vector<Client> clients{};

  Flow total_in() const;
  Flow total_out() const;
  std::map<std::string, std::uint64_t> discarded_by_reason() const;
  std::uint64_t restore_remaining() const;
  // For how long a worker's loop, which turns many times a second, has not come around.
  Duration stands_still() const;
};

}  // namespace weir
