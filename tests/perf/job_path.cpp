#include "perf/job_path.h"

#include <weir/error.h>

namespace weir::perf {

// Counts what leaves; hands what goes to a repartition topic to the task behind it.
class JobPath::Outbox final : public engine::TaskOutput {
 public:
  explicit Outbox(JobPath& path) : path_(path) {}
  int open(std::string_view topic, bool repartition) override {
    for (std::size_t at = 0; at < topics_.size(); ++at) {
      if (topics_[at] == topic && inner_[at] == repartition) return static_cast<int>(at);
    }
    topics_.emplace_back(topic);
    inner_.push_back(repartition);
    return static_cast<int>(topics_.size()) - 1;
  }
  int partitions(int) const override { return 1; }
  void send(const OutputRecord& record) override {
    const auto at = static_cast<std::size_t>(record.topic);
    if (inner_[at]) return path_.route(topics_[at], record);
    ++path_.results_;
  }

 private:
  JobPath& path_;
  std::vector<std::string> topics_;
  std::vector<bool> inner_;
};

JobPath::JobPath(const Topology& topology) : topology_(topology) {
  for (std::size_t part = 0; part < topology_.sub_topologies().size(); ++part) {
    parts_.push_back(std::make_unique<Running>());
    Running& running = *parts_.back();
    running.stores = state::open_memory(running.files);
    running.output = std::make_unique<Outbox>(*this);
    running.task = std::make_unique<engine::Task>(
        topology_, engine::TaskId{static_cast<int>(part), 0}, engine::Task::Options{.job = "job"},
        *running.stores, *running.output);
    running.offsets.resize(static_cast<std::size_t>(running.task->inputs()));
    for (int input = 0; input < running.task->inputs(); ++input) {
      const engine::Task::Input from = running.task->input(input);
      routes_.push_back({from.topic, from.repartition, static_cast<int>(part), input});
    }
  }
}

JobPath::~JobPath() = default;

void JobPath::add(std::string_view topic, std::string_view value, Timestamp time) {
  InputRecord record{.topic = topic, .timestamp = time};
  record.value = value;
  pass(topic, false, record);
}

void JobPath::route(std::string_view topic, const OutputRecord& out) {
  InputRecord record{.topic = topic, .timestamp = out.timestamp};
  record.key = out.key;
  record.value = out.value;
  pass(topic, true, record);
}

void JobPath::pass(std::string_view topic, bool repartition, const InputRecord& record) {
  for (const Route& route : routes_) {
    if (route.topic == topic && route.repartition == repartition) {
      give(route.part, route.input, record);
    }
  }
}

void JobPath::give(int part, int input, const InputRecord& record) {
  Running& running = *parts_[static_cast<std::size_t>(part)];
  InputRecord numbered = record;
  numbered.offset = running.offsets[static_cast<std::size_t>(input)]++;
  running.task->add(input, numbered);
  for (int other = 0; other < running.task->inputs(); ++other) running.task->at_end(other, true);
  while (running.task->process(1000) > 0) {
  }
}

void JobPath::commit() {
  for (auto& running : parts_) {
    running->task->before_commit();
    running->stores->commit({});
    running->task->committed(0);
  }
}

}  // namespace weir::perf
