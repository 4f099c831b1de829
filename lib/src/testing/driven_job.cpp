#include "testing/driven_job.h"

#include <algorithm>

#include "engine/names.h"

namespace weir::testing {

namespace {

constexpr const char* kJob = "test";
// No broker's clock is ahead of it, so that records of any time are taken.
constexpr Timestamp kBrokersTime = 253'402'300'799'999;  // The end of the year 9999.
constexpr Duration kNever{std::int64_t{1} << 50};

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
  create_topics();
  start();
  run();
}

DrivenJob::~DrivenJob() = default;

// The test makes the source topics, the job all others.
void DrivenJob::create_topics() {
  for (const StageSpec& spec : topology_.stages()) {
    if (spec.role != Role::source) continue;
    check(cluster_.topics().create({.name = spec.topic, .partitions = options_.partitions}).ok(),
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

void DrivenJob::start() {
  engine::WorkerOptions options;
  options.job = kJob;
  options.instance_id = "driver";
  options.session_timeout = kNever;
  options.commit_every = options_.commit_each ? Duration{0} : kNever;
  options.tick_every = Duration{1};
  options.open_stores =
      [this](engine::TaskId id,
             const std::string& fingerprint) -> Result<std::unique_ptr<state::Environment>> {
    std::unique_ptr<state::MemoryFiles>& files = disk_[id];
    if (!files) files = std::make_unique<state::MemoryFiles>();
    state::Environment::Options how;
    how.fingerprint = fingerprint;
    how.flush_bytes_max = 2000;  // Small, so that a crash finds the disk behind the changelog.
    return state::open_memory(*files, how);
  };
  connection_ = cluster_.connect();
  worker_ = std::make_unique<engine::Worker>(topology_, layout_, options, *connection_, now_);
}

void DrivenJob::run() {
  for (std::uint64_t before = 0; !worker_->running() || worker_->steps() != before;) {
    before = worker_->steps();
    if (worker_->turn(now_, Duration{0}) == engine::Worker::Health::good) continue;
    throw BrokenWorld(worker_->error());
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
  all.add(worker_->counters());
  return all;
}

void DrivenJob::advance(Duration by) {
  now_ += by.count();
  run();
}

void DrivenJob::commit() {
  for (std::uint64_t before = ~std::uint64_t{0}; worker_->commits() != before;) {
    before = worker_->commits();
    worker_->commit_soon();
    run();
  }
}

void DrivenJob::crash(bool keep_state) {
  counted_.add(worker_->committed_counters());
  worker_.reset();
  connection_.reset();
  if (!keep_state) disk_.clear();
  start();
  run();
}

void DrivenJob::drain() {
  commit();
  worker_->drain();
  commit();
}

BytesStore& DrivenJob::store(std::string_view name, int partition) {
  BytesStore* found = nullptr;
  worker_->each_task([&](const engine::Task& task, state::Environment& stores) {
    if (task.id().partition != partition) return;
    const auto part = static_cast<std::size_t>(task.id().sub_topology);
    for (const int at : topology_.sub_topologies()[part].stages) {
      for (const StoreSpec& store : topology_.stages()[static_cast<std::size_t>(at)].stores) {
        if (store.name == name) found = &stores.store(name);
      }
    }
  });
  check(found != nullptr, "the topology has no such store");
  return *found;
}

Timestamp DrivenJob::stream_time(std::string_view topic, int partition) const {
  const auto reader = layout_.reader.find(topic_name(topic));
  check(reader != layout_.reader.end(), "the topology does not read this topic");
  Timestamp time = kNoTime;
  worker_->each_task([&](const engine::Task& task, const state::Environment&) {
    if (task.id() == engine::TaskId{reader->second, partition}) time = task.time();
  });
  return time;
}

}  // namespace weir::testing
