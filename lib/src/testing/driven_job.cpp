#include "testing/driven_job.h"

#include <algorithm>

#include "engine/names.h"

namespace weir::testing {

namespace {

constexpr const char* kJob = "test";
// No broker's clock is ahead of it, so that records of any time are taken.
constexpr Timestamp kBrokersTime = 253'402'300'799'999;  // The end of the year 9999.
constexpr Duration kNever{std::int64_t{1} << 50};

std::string instance_id(std::size_t number) { return "driver" + std::to_string(number); }
// As a worker calls itself to the brokers.
std::string client_id(std::size_t number) {
  return std::string(kJob) + "-" + instance_id(number) + "-0";
}

sim::SimRecord as_written(LogRecord record) {
  return {std::move(record.key), std::move(record.value), record.timestamp,
          std::move(record.headers)};
}

LogRecord as_read(std::int32_t partition, const sim::LogEntry& entry) {
  const sim::SimRecord& from = *entry.record;
  return {partition, entry.offset, from.timestamp, from.key, from.value, from.headers};
}

}  // namespace

DrivenJob::DrivenJob(Topology topology, TestOptions options)
    : topology_(std::move(topology)),
      options_(options),
      now_(options.wall_clock),
      cluster_(0, kBrokersTime) {
  check(options_.partitions > 0, "a topic has at least one partition");
  check(options_.instances > 0, "a job has at least one instance");
  create_topics();
  for (int at = 0; at < options_.instances; ++at) {
    instances_.push_back(std::make_unique<Instance>());
    start(instances_.size() - 1);
  }
  run();
}

DrivenJob::~DrivenJob() = default;

int DrivenJob::partitions_of(const std::string& topic) const {
  const auto found = options_.partitions_of.find(topic);
  return found == options_.partitions_of.end() ? options_.partitions : found->second;
}

// The test makes the source topics, the job all others.
void DrivenJob::create_topics() {
  for (const StageSpec& spec : topology_.stages()) {
    if (spec.role != Role::source) continue;
    const int partitions = partitions_of(spec.topic);
    check(cluster_.topics().create({.name = spec.topic, .partitions = partitions}).ok(),
          "a source topic cannot be made: " + spec.topic);
  }
  auto connection = cluster_.connect();
  auto admin = connection->admin();
  auto layout = engine::plan_layout(topology_, {kJob, options_.partitions}, *admin.value);
  check(static_cast<bool>(layout), layout ? "" : layout.error().to_string());
  layout_ = std::move(*layout);
  const Status created = engine::create_topics(layout_, *admin.value);
  check(static_cast<bool>(created), created ? "" : created.error().to_string());
}

void DrivenJob::start(std::size_t number) {
  Instance& instance = *instances_[number];
  engine::WorkerOptions options;
  options.job = kJob;
  options.instance_id = instance_id(number);
  options.session_timeout = kNever;
  options.commit_every = options_.commit_each ? Duration{0} : kNever;
  options.tick_every = Duration{1};
  options.open_stores =
      [&instance](engine::TaskId id,
                  const std::string& fingerprint) -> Result<std::unique_ptr<state::Environment>> {
    std::unique_ptr<state::MemoryFiles>& files = instance.disk[id];
    if (!files) files = std::make_unique<state::MemoryFiles>();
    state::Environment::Options how;
    how.fingerprint = fingerprint;
    how.flush_bytes_max = 2000;  // Small, so that a crash finds the disk behind the changelog.
    return state::open_memory(*files, how);
  };
  instance.connection = cluster_.connect();
  instance.worker =
      std::make_unique<engine::Worker>(topology_, layout_, options, *instance.connection, now_);
}

void DrivenJob::remove(std::size_t number) {
  counted_.add(running(number).committed_counters());
  instances_[number].reset();
  const std::string client = client_id(number);
  cluster_.fence(client);
  sim::Group& group = cluster_.group(kJob);
  for (const auto& [id, member] : group.members()) {
    if (member.instance != client) continue;
    group.drop(std::string(id), cluster_.now());
    break;
  }
}

engine::Worker& DrivenJob::running(std::size_t number) {
  check(number < instances_.size() && instances_[number] != nullptr, "there is no such instance");
  return *instances_[number]->worker;
}

std::uint64_t DrivenJob::steps() const {
  std::uint64_t all = 0;
  for (const auto& instance : instances_) all += instance ? instance->worker->steps() : 0;
  return all;
}

std::uint64_t DrivenJob::commits() const {
  std::uint64_t all = 0;
  for (const auto& instance : instances_) all += instance ? instance->worker->commits() : 0;
  return all;
}

bool DrivenJob::all_run() const {
  return std::all_of(instances_.begin(), instances_.end(),
                     [](const auto& instance) { return !instance || instance->worker->running(); });
}

void DrivenJob::run() {
  for (std::uint64_t before = 0; !all_run() || steps() != before;) {
    before = steps();
    for (const auto& instance : instances_) {
      if (!instance) continue;
      if (instance->worker->turn(now_, Duration{0}) == engine::Worker::Health::good) continue;
      throw BrokenWorld(instance->worker->error());
    }
  }
}

void DrivenJob::send(std::string_view topic, LogRecord record) {
  const kafka::Partition to{std::string(topic), record.partition};
  check(layout_.reader.contains(to.topic), "the topology does not read this topic");
  check(cluster_.topics().find(to) != nullptr, "the topic has no such partition");
  cluster_.append(to, as_written(std::move(record)));
  run();
}

std::string DrivenJob::topic_name(std::string_view topic) const {
  const std::string internal = std::string(kJob) + "-" + std::string(topic);
  return layout_.partitions.contains(internal) ? internal : std::string(topic);
}

std::vector<LogRecord> DrivenJob::read(std::string_view topic) {
  const std::string name = topic_name(topic);
  sim::Topic* found = cluster_.topics().find(name);
  if (found == nullptr) return {};
  std::vector<std::int64_t>& read = read_[name];
  read.resize(found->logs.size());
  std::vector<LogRecord> fresh;
  for (std::size_t at = 0; at < found->logs.size(); ++at) {
    std::vector<sim::LogEntry> entries;
    read[at] = found->logs[at].read(read[at], SIZE_MAX, kafka::Isolation::kReadCommitted, entries);
    for (const sim::LogEntry& entry : entries) {
      fresh.push_back(as_read(static_cast<std::int32_t>(at), entry));
    }
  }
  return fresh;
}

engine::Counters DrivenJob::counters() const {
  engine::Counters all = counted_;
  for (const auto& instance : instances_) {
    if (instance) all.add(instance->worker->counters());
  }
  return all;
}

void DrivenJob::advance(Duration by) {
  now_ += by.count();
  run();
}

void DrivenJob::commit() {
  for (std::uint64_t before = ~std::uint64_t{0}; commits() != before;) {
    before = commits();
    for (const auto& instance : instances_) {
      if (instance) instance->worker->commit_soon();
    }
    run();
  }
}

void DrivenJob::crash(bool keep_state) {
  for (std::size_t at = 0; at < instances_.size(); ++at) {
    if (!instances_[at]) continue;
    counted_.add(running(at).committed_counters());
    instances_[at]->worker.reset();
    if (!keep_state) instances_[at]->disk.clear();
    start(at);
  }
  run();
}

int DrivenJob::add_instance() {
  instances_.push_back(std::make_unique<Instance>());
  start(instances_.size() - 1);
  run();
  return static_cast<int>(instances_.size()) - 1;
}

void DrivenJob::kill_instance(int number) {
  remove(static_cast<std::size_t>(number));
  const bool any = std::any_of(instances_.begin(), instances_.end(),
                               [](const auto& instance) { return instance != nullptr; });
  check(any, "the last instance of a job cannot be killed: that is a crash()");
  run();
}

// One process drains alone: the others would wait for each other's markers.
void DrivenJob::drain() {
  commit();
  std::size_t last = instances_.size();
  for (std::size_t at = 0; at < instances_.size(); ++at) {
    if (!instances_[at]) continue;
    if (last < instances_.size()) remove(last);
    last = at;
  }
  commit();
  running(last).drain();
  commit();
}

BytesStore& DrivenJob::store(std::string_view name, int partition) {
  BytesStore* found = nullptr;
  const auto visit = [&](const engine::Task& task, state::Environment& stores) {
    if (task.id().partition != partition) return;
    const auto part = static_cast<std::size_t>(task.id().sub_topology);
    for (const int at : topology_.sub_topologies()[part].stages) {
      for (const StoreSpec& store : topology_.stages()[static_cast<std::size_t>(at)].stores) {
        if (store.name == name) found = &stores.store(name);
      }
    }
  };
  for (const auto& instance : instances_) {
    if (instance) instance->worker->each_task(visit);
  }
  check(found != nullptr, "the topology has no such store");
  return *found;
}

Timestamp DrivenJob::stream_time(std::string_view topic, int partition) const {
  const auto reader = layout_.reader.find(topic_name(topic));
  check(reader != layout_.reader.end(), "the topology does not read this topic");
  Timestamp time = kNoTime;
  const auto visit = [&](const engine::Task& task, const state::Environment&) {
    if (task.id() == engine::TaskId{reader->second, partition}) time = task.time();
  };
  for (const auto& instance : instances_) {
    if (instance) instance->worker->each_task(visit);
  }
  return time;
}

}  // namespace weir::testing
