#include "simulation/world.h"

#include <algorithm>

namespace weir::simulation {

namespace {

constexpr int kTurnsMax = 60'000;  // Until a world that should be quiet is taken for stuck.
constexpr std::int64_t kTurnMs = 7;

}  // namespace

Instance::Instance(sim::SimCluster& cluster, const Topology& topology,
                   engine::WorkerOptions options)
    : cluster_(cluster), topology_(topology), options_(std::move(options)) {
  options_.open_stores =
      [this](engine::TaskId id,
             const std::string& fingerprint) -> Result<std::unique_ptr<state::Environment>> {
    if (!refused_.empty()) return Error{refused_};
    std::unique_ptr<state::MemoryFiles>& files = disk_[id];
    if (!files) files = std::make_unique<state::MemoryFiles>();
    state::Environment::Options how;
    how.fingerprint = fingerprint;
    how.flush_bytes_max = 2000;  // Small, so that kills find every distance between disk and Kafka.
    return state::open_memory(*files, how);
  };
}

void Instance::start() {
  connection_ = cluster_.connect();
  make_worker();
}

void Instance::make_worker() {
  worker_.reset();
  if (!layout_) {
    auto admin = connection_->admin();
    if (!admin.ok()) return;
    auto layout = engine::plan_layout(topology_, {options_.job, 0}, *admin.value);
    if (!layout) {
      if (layout.error().text.find("brokers") == std::string::npos) {
        failure_ = layout.error().to_string();
      }
      return;
    }
    if (!engine::create_topics(*layout, *admin.value)) return;
    layout_ = std::move(*layout);
  }
  worker_ =
      std::make_unique<engine::Worker>(topology_, *layout_, options_, *connection_, cluster_.now());
}

void Instance::turn() {
  if (!connection_ || !failure_.empty()) return;
  if (!worker_) return make_worker();
  switch (worker_->turn(cluster_.now(), Duration{0})) {
    case engine::Worker::Health::good:
      return;
    case engine::Worker::Health::replace:
      ++replaced_;
      restored_ += worker_->restored();
      make_worker();
      return;
    case engine::Worker::Health::stopped:
      worker_.reset();
      connection_.reset();
      return;
    case engine::Worker::Health::failed:
      failure_ = worker_->error();
      return;
  }
}

void Instance::kill(bool lose_disk) {
  if (worker_) restored_ += worker_->restored();
  worker_.reset();
  connection_.reset();
  if (lose_disk) disk_.clear();
}

std::size_t Instance::tasks_wanted() const {
  if (!layout_) return 0;
  std::size_t all = 0;
  for (const int tasks : layout_->tasks) all += static_cast<std::size_t>(tasks);
  return all;
}

void Instance::stop() {
  if (worker_) worker_->stop();
}

World::World(std::uint64_t seed, Topology topology, Chances chances)
    : random_(seed), cluster_(seed), topology_(std::move(topology)), chances_(chances) {
  for (int at = 0; at < chances_.instances; ++at) {
    engine::WorkerOptions options;
    options.job = "job";
    options.instance_id = "i" + std::to_string(at);
    options.commit_every = Duration{20 + static_cast<int>(random(100))};
    options.session_timeout = Duration{2000};
    options.batch_records_max = 1 + random(20);
    options.queue_records_max = 20;
    options.guarantee =
        chances_.exactly_once ? engine::Guarantee::exactly_once : engine::Guarantee::at_least_once;
    instances_.push_back(std::make_unique<Instance>(cluster_, topology_, options));
  }
}

void World::create(const std::string& topic, int partitions) {
  check(cluster_.topics().create({.name = topic, .partitions = partitions}).ok(), "no topic");
}

void World::append(const std::string& topic, int partition, sim::SimRecord record) {
  cluster_.append({topic, partition}, std::move(record));
}

void World::set_faults(std::uint32_t per_mille) {
  cluster_.faults().clear();
  if (per_mille == 0) return;
  using sim::Call;
  using sim::Mishap;
  for (const Call call : {Call::kCommitted, Call::kFlush, Call::kSendOffsets, Call::kCommit,
                          Call::kAbort, Call::kCommitOffsets}) {
    cluster_.faults().chance(call, Mishap::kLostRequest, per_mille);
    cluster_.faults().chance(call, Mishap::kLostAnswer, per_mille);
  }
  if (!chances_.exactly_once) return;
  for (const Call call : {Call::kSendOffsets, Call::kCommit}) {
    cluster_.faults().chance(call, Mishap::kAbort, per_mille);
    cluster_.faults().chance(call, Mishap::kFenced, per_mille);
    cluster_.faults().chance(call, Mishap::kFatal, per_mille);
  }
}

void World::step(bool mishaps) {
  cluster_.advance_to(cluster_.now() + kTurnMs);
  for (auto& instance : instances_) {
    if (mishaps && instance->running() && random(1000) < chances_.kill_per_mille) {
      instance->kill(random(1000) < chances_.lose_disk_per_mille);
    } else if (mishaps && !instance->running() && random(10) == 0) {
      instance->start();
    }
    instance->turn();
    if (!instance->failure().empty()) failure_ = instance->failure();
  }
}

void World::storm(int turns) {
  set_faults(chances_.fault_per_mille);
  for (int turn = 0; turn < turns && failure_.empty(); ++turn) step(true);
  set_faults(0);
}

bool World::all_idle() {
  std::size_t tasks = 0;
  std::size_t wanted = 1;
  for (auto& instance : instances_) {
    if (instance->worker() == nullptr) continue;
    if (!instance->worker()->idle()) return false;
    tasks += instance->worker()->tasks();
    wanted = std::max(wanted, instance->tasks_wanted());
  }
  return tasks == wanted;
}

std::string World::picture() {
  std::string all;
  for (auto& instance : instances_) {
    all += " [";
    if (instance->worker() == nullptr) {
      all += "down";
    } else {
      all += instance->worker()->doing() + ", " + std::to_string(instance->worker()->tasks()) +
             " tasks, replaced " + std::to_string(instance->replaced()) + " times";
      instance->worker()->each_task([&](const engine::Task& task, const state::Environment&) {
        all += "; " + std::to_string(task.id().sub_topology) + "_" +
               std::to_string(task.id().partition) + (task.caught_up() ? " done" : " behind") +
               " at " + std::to_string(task.time());
      });
    }
    all += "]";
  }
  return all;
}

void World::settle() {
  for (auto& instance : instances_) {
    if (!instance->running()) instance->start();
  }
  int quiet = 0;
  for (int turn = 0; turn < kTurnsMax && failure_.empty(); ++turn) {
    step(false);
    quiet = all_idle() ? quiet + 1 : 0;
    if (quiet > 60) return;
  }
  if (failure_.empty()) failure_ = "the world does not come to rest:" + picture();
}

void World::drain() {
  Instance& last = *instances_.front();
  for (auto& instance : instances_) {
    if (instance.get() != &last) instance->stop();
  }
  int quiet = 0;  // The partitions of static members move after their sessions.
  for (int turn = 0; turn < kTurnsMax && failure_.empty() && quiet <= 60; ++turn) {
    step(false);
    quiet = all_idle() && last.worker()->tasks() == last.tasks_wanted() ? quiet + 1 : 0;
  }
  if (!failure_.empty() || last.worker() == nullptr) return;
  last.worker()->drain();
  for (int turn = 0; turn < kTurnsMax && failure_.empty(); ++turn) {
    step(false);
    if (last.worker() != nullptr && last.worker()->drained()) return;
  }
  if (failure_.empty()) failure_ = "the world does not drain:" + picture();
}

std::vector<sim::SimRecord> World::results(const std::string& topic) {
  return cluster_.records(topic);
}

}  // namespace weir::simulation
