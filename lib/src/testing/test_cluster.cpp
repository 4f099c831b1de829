#include "testing/test_cluster.h"

#include <algorithm>

#include "kafka/partitioner.h"

namespace weir::testing {

namespace {

constexpr const char* kJob = "test";

// Names inside the test are without the job's prefix: "<name>-repartition".
std::string repartition_topic(std::string_view name) { return std::string(name) + "-repartition"; }
std::string changelog_topic(std::string_view store) { return std::string(store) + "-changelog"; }

std::vector<Header> views(const LogRecord& record) {
  std::vector<Header> headers;
  for (const auto& [name, value] : record.headers) headers.push_back({name, value});
  return headers;
}

// Collects what a task writes until it commits.
class Outbox final : public engine::TaskOutput {
 public:
  Outbox(std::map<std::string, TopicLog, std::less<>>& log, int partitions, int home)
      : log_(log), partitions_(partitions), home_(home) {}

  int open(std::string_view topic, bool repartition) override {
    const std::string name = repartition ? repartition_topic(topic) : std::string(topic);
    TopicLog& partitions = log_[name];
    if (partitions.empty()) partitions.resize(static_cast<std::size_t>(partitions_));
    const auto it = std::find(names_.begin(), names_.end(), name);
    if (it != names_.end()) return static_cast<int>(it - names_.begin());
    names_.push_back(name);
    return static_cast<int>(names_.size()) - 1;
  }
  int partitions(int topic) const override {
    return static_cast<int>(log_.at(names_[static_cast<std::size_t>(topic)]).size());
  }
  void send(const OutputRecord& record) override {
    LogRecord kept{record.partition, 0, record.timestamp};
    if (record.key) kept.key = std::string(*record.key);
    if (record.value) kept.value = std::string(*record.value);
    for (const Header& header : record.headers) {
      kept.headers.emplace_back(header.name, header.value);
    }
    if (kept.partition < 0) {
      const int count = partitions(record.topic);
      kept.partition = record.key ? kafka::partition_of(*record.key, count) : home_ % count;
    }
    pending_.emplace_back(record.topic, std::move(kept));
  }
  void publish() {
    for (auto& [topic, record] : pending_) {
      TopicLog& log = log_.at(names_[static_cast<std::size_t>(topic)]);
      PartitionLog& partition = log[static_cast<std::size_t>(record.partition)];
      record.offset = static_cast<std::int64_t>(partition.size());
      partition.push_back(std::move(record));
    }
    pending_.clear();
  }

 private:
  std::map<std::string, TopicLog, std::less<>>& log_;
  const int partitions_;
  const int home_;
  std::vector<std::string> names_;
  std::vector<std::pair<int, LogRecord>> pending_;
};

}  // namespace

struct TestCluster::RunningTask {
  int partition = 0;
  std::unique_ptr<Outbox> output;
  state::MemoryFiles files;
  std::unique_ptr<state::Environment> stores;
  std::vector<std::string> store_names;
  std::unique_ptr<engine::Task> task;
  int commits = 0;
  struct Reading {
    std::string topic;
    std::size_t fed = 0;       // Records given to the task.
    std::size_t position = 0;  // Committed.
    std::string state{};
  };
  std::vector<Reading> readings;
};

TestCluster::TestCluster(Topology topology, TestOptions options)
    : topology_(std::move(topology)), options_(options), now_(options.wall_clock) {
  check(options_.partitions > 0, "a topic has at least one partition");
  plan_partitions();
  start_tasks();
  run();
}

TestCluster::~TestCluster() = default;

// Source topics have the partitions the test asked for; a repartition topic those of its plan, else
// as many as tasks write it.
void TestCluster::plan_partitions() {
  tasks_per_part_.assign(topology_.sub_topologies().size(), 0);
  for (std::size_t at = 0; at < topology_.stages().size(); ++at) {
    const StageSpec& spec = topology_.stages()[at];
    int& tasks =
        tasks_per_part_[static_cast<std::size_t>(topology_.sub_topology_of(static_cast<int>(at)))];
    if (spec.role == Role::source) {
      log_[spec.topic].resize(static_cast<std::size_t>(options_.partitions));
      tasks = std::max(tasks, options_.partitions);
    } else if (spec.role == Role::repartition_write) {
      const int count = spec.partitions > 0 ? spec.partitions : tasks;
      log_[repartition_topic(spec.topic)].resize(static_cast<std::size_t>(count));
    } else if (spec.role == Role::repartition_read) {
      tasks = std::max(tasks, static_cast<int>(log_[repartition_topic(spec.topic)].size()));
    }
  }
}

int TestCluster::tasks_of(int sub_topology) const {
  return tasks_per_part_[static_cast<std::size_t>(sub_topology)];
}

void TestCluster::start_tasks() {
  for (int part = 0; part < static_cast<int>(tasks_per_part_.size()); ++part) {
    for (int partition = 0; partition < tasks_of(part); ++partition) {
      std::unique_ptr<RunningTask>& slot = tasks_[{part, partition}];
      if (!slot) slot = std::make_unique<RunningTask>();
      RunningTask& running = *slot;
      running.partition = partition;
      running.output = std::make_unique<Outbox>(log_, options_.partitions, partition);
      running.stores = state::open_memory(running.files, {});
      running.store_names.clear();
      for (const int at : topology_.sub_topologies()[static_cast<std::size_t>(part)].stages) {
        for (const StoreSpec& store : topology_.stages()[static_cast<std::size_t>(at)].stores) {
          running.store_names.push_back(store.name);
        }
      }
      restore(running);
      running.task = std::make_unique<engine::Task>(
          topology_, engine::TaskId{part, partition},
          engine::Task::Options{kJob, tasks_of(part), now_}, *running.stores, *running.output);
      running.readings.resize(static_cast<std::size_t>(running.task->inputs()));
      for (int input = 0; input < running.task->inputs(); ++input) {
        RunningTask::Reading& reading = running.readings[static_cast<std::size_t>(input)];
        const engine::Task::Input from = running.task->input(input);
        reading.topic = from.repartition ? repartition_topic(from.topic) : from.topic;
        reading.fed = reading.position;
        if (!reading.state.empty()) running.task->resume(input, reading.state);
      }
    }
  }
}

// From the stored position to the end of the changelog.
void TestCluster::restore(RunningTask& running) {
  for (const std::string& name : running.store_names) {
    state::Store& store = running.stores->store(name);
    TopicLog& changelog = log_[changelog_topic(name)];
    const auto partition = static_cast<std::size_t>(running.partition);
    if (changelog.size() <= partition) changelog.resize(partition + 1);
    const PartitionLog& log = changelog[partition];
    auto at = static_cast<std::size_t>(std::max<std::int64_t>(0, store.position().offset));
    for (; at < log.size(); ++at) {
      std::optional<Bytes> value;
      if (log[at].value) value = *log[at].value;
      store.restore(*log[at].key, value);
    }
    state::Position position = store.position();
    position.offset = static_cast<std::int64_t>(log.size());
    running.stores->restored(name, position);
  }
}

// ---- Running -----------------------------------------------------------------------------------

void TestCluster::run() {
  for (bool moved = true; moved;) {
    moved = false;
    for (auto& [id, running] : tasks_) {
      moved = feed(*running) || moved;
      while (running->task->process(1000) > 0) moved = true;
    }
    if (!options_.commit_each) continue;
    for (auto& [id, running] : tasks_) moved = commit(*running) || moved;
  }
}

bool TestCluster::feed(RunningTask& running) {
  bool any = false;
  for (int input = 0; input < running.task->inputs(); ++input) {
    RunningTask::Reading& reading = running.readings[static_cast<std::size_t>(input)];
    const TopicLog& topic = log_[reading.topic];
    const auto partition = static_cast<std::size_t>(running.task->id().partition);
    const std::size_t end = partition < topic.size() ? topic[partition].size() : 0;
    for (; reading.fed < end; ++reading.fed) {
      const LogRecord& record = topic[partition][reading.fed];
      const std::vector<Header> headers = views(record);
      InputRecord in{reading.topic, static_cast<std::int32_t>(partition),
                     record.offset, record.timestamp,
                     std::nullopt,  std::nullopt,
                     headers};
      if (record.key) in.key = *record.key;
      if (record.value) in.value = *record.value;
      running.task->add(input, in);
      any = true;
    }
    running.task->at_end(input, true);
  }
  return any;
}

bool TestCluster::commit(RunningTask& running) {
  if (!running.task->has_news()) return false;
  running.task->before_commit();
  write_changelog(running);
  running.output->publish();
  std::vector<state::Environment::StoreCommit> positions;
  for (const std::string& name : running.store_names) {
    const auto partition = static_cast<std::size_t>(running.task->id().partition);
    const auto end = static_cast<std::int64_t>(log_[changelog_topic(name)][partition].size());
    positions.push_back({name, {.offset = end}});
  }
  running.stores->commit({positions, {}});
  if (++running.commits % 3 == 0) running.stores->flush();  // So that crashes find a lag.
  for (int input = 0; input < running.task->inputs(); ++input) {
    RunningTask::Reading& reading = running.readings[static_cast<std::size_t>(input)];
    const std::int64_t position = running.task->position(input);
    if (position >= 0) reading.position = static_cast<std::size_t>(position);
    reading.state = running.task->state(input);
  }
  running.task->committed();
  return true;
}

void TestCluster::write_changelog(RunningTask& running) {
  const auto partition = static_cast<std::size_t>(running.task->id().partition);
  for (const std::string& name : running.store_names) {
    PartitionLog& log = log_[changelog_topic(name)][partition];
    running.stores->store(name).each_dirty([&](Bytes key, std::optional<Bytes> value) {
      LogRecord record{static_cast<std::int32_t>(partition), static_cast<std::int64_t>(log.size()),
                       0};
      record.key = std::string(key);
      if (value) record.value = std::string(*value);
      log.push_back(std::move(record));
    });
  }
}

// ---- What the test does ------------------------------------------------------------------------

void TestCluster::send(std::string_view topic, LogRecord record) {
  const auto it = log_.find(topic);
  check(it != log_.end(), "the topology does not read this topic");
  check(record.partition >= 0 && static_cast<std::size_t>(record.partition) < it->second.size(),
        "the topic has no such partition");
  PartitionLog& partition = it->second[static_cast<std::size_t>(record.partition)];
  record.offset = static_cast<std::int64_t>(partition.size());
  partition.push_back(std::move(record));
  run();
}

std::vector<LogRecord> TestCluster::read(std::string_view topic) {
  const auto it = log_.find(topic);
  if (it == log_.end()) return {};
  std::vector<std::size_t>& read = read_[std::string(topic)];
  read.resize(std::max(read.size(), it->second.size()));
  std::vector<LogRecord> fresh;
  for (std::size_t at = 0; at < it->second.size(); ++at) {
    for (; read[at] < it->second[at].size(); ++read[at]) {
      fresh.push_back(it->second[at][read[at]]);
    }
  }
  return fresh;
}

engine::Counters TestCluster::counters() const {
  engine::Counters all = counted_;
  for (const auto& [id, running] : tasks_) all.add(running->task->counters());
  return all;
}

void TestCluster::advance(Duration by) {
  now_ += by.count();
  for (auto& [id, running] : tasks_) running->task->tick(now_);
  run();
}

void TestCluster::commit() {
  for (bool moved = true; moved;) {
    moved = false;
    for (auto& [id, running] : tasks_) moved = commit(*running) || moved;
    run();
  }
}

void TestCluster::crash(bool keep_state) {
  for (auto& [id, running] : tasks_) {
    counted_.add(running->task->committed_counters());
    running->task.reset();
    running->stores.reset();
    if (keep_state) continue;
    running->files.stores.clear();
    running->files.meta.clear();
  }
  start_tasks();
  run();
}

void TestCluster::drain() {
  commit();
  for (auto& [id, running] : tasks_) running->task->drain();
  commit();
}

BytesStore& TestCluster::store(std::string_view name, int partition) {
  for (auto& [id, running] : tasks_) {
    const auto& names = running->store_names;
    if (id.partition == partition && std::find(names.begin(), names.end(), name) != names.end()) {
      return running->stores->store(name);
    }
  }
  check(false, "the topology has no such store");
  std::abort();
}

Timestamp TestCluster::stream_time(std::string_view topic, int partition) const {
  for (const auto& [id, running] : tasks_) {
    if (id.partition != partition) continue;
    for (const RunningTask::Reading& reading : running->readings) {
      if (reading.topic == topic) return running->task->time();
    }
  }
  check(false, "the topology does not read this topic");
  return kNoTime;
}

}  // namespace weir::testing
