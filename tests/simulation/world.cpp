#include "simulation/world.h"

#include <algorithm>

namespace weir::simulation {

namespace {

constexpr int kQuietTurns = 20;
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
  worker_.reset();
  leaving_ = false;
  connection_ = cluster_.connect();
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

bool Instance::turn() {
  if (!connection_ || !failure_.empty() || cluster_.now() < frozen_until_) return true;
  if (cut_until_ != kNoTime && cluster_.now() >= cut_until_) {
    cut_until_ = kNoTime;
    connection_->cut(false);
  }
  try {
    turn_worker();
  } catch (const sim::ProcessDied&) {
    return false;
  }
  return true;
}

void Instance::cut(Timestamp until) {
  if (!connection_) return;
  cut_until_ = until;
  connection_->cut(true);
}

void Instance::recover() {
  frozen_until_ = kNoTime;
  if (connection_) cut(cluster_.now());
}

void Instance::turn_worker() {
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
  frozen_until_ = cut_until_ = kNoTime;
  leaving_ = false;
  if (lose_disk) disk_.clear();
}

std::size_t Instance::tasks_wanted() const {
  if (!layout_) return 0;
  std::size_t all = 0;
  for (const int tasks : layout_->tasks) all += static_cast<std::size_t>(tasks);
  return all;
}

void Instance::stop() {
  leaving_ = true;
  if (worker_) worker_->stop();
}

World::World(std::uint64_t seed, Topology topology, Chances chances)
    : random_(seed), cluster_(seed), topology_(std::move(topology)), chances_(chances) {
  for (int at = 0; at < chances_.instances; ++at) {
    engine::WorkerOptions options;
    options.job = "job";
    options.instance_id = "i" + std::to_string(at);
    options.commit_every = Duration{20 + static_cast<int>(random(100))};
    if (chances_.commit_every.count() > 0) options.commit_every = chances_.commit_every;
    options.session_timeout = Duration{1000};
    options.static_membership = chances_.static_membership;
    options.batch_records_max = 1 + random(20);
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

void World::listen(Listener listener) {
  listener_ = std::move(listener);
  cluster_.faults().listen([this](sim::Call call, sim::Mishap mishap) {
    constexpr const char* kCallNames[] = {"committed", "commit offsets", "init",         "open",
                                          "produce",   "flush",          "send offsets", "commit",
                                          "abort",     "admin"};
    constexpr const char* kMishapNames[] = {
        "nothing", "a lost request",  "a lost answer", "an abort",
        "a fence", "a broken client", "death before",  "death when it is done"};
    tell(std::string(kCallNames[static_cast<int>(call)]) + " meets " +
         kMishapNames[static_cast<int>(mishap)]);
  });
}

void World::set_faults(std::uint32_t per_mille) {
  sim::Faults& faults = cluster_.faults();
  faults.clear();
  using sim::Call;
  using sim::Mishap;
  const bool stormy = per_mille > 0 || chances_.death_per_mille > 0;
  if (!stormy) return;
  for (const Call call : {Call::kCommitted, Call::kFlush, Call::kSendOffsets, Call::kCommit,
                          Call::kAbort, Call::kCommitOffsets, Call::kInit, Call::kAdmin}) {
    faults.chance(call, Mishap::kLostRequest, per_mille);
    faults.chance(call, Mishap::kLostAnswer, per_mille);
    faults.chance(call, Mishap::kDeathBefore, chances_.death_per_mille);
    faults.chance(call, Mishap::kDeathAfter, chances_.death_per_mille);
  }
  // Restores that take long meet more of the rest.
  faults.chance(Call::kAdmin, Mishap::kLostAnswer, std::min<std::uint32_t>(6 * per_mille, 400));
  faults.chance(Call::kProduce, Mishap::kDeathBefore, chances_.death_per_mille / 8);
  if (!chances_.exactly_once) return;
  for (const Call call : {Call::kSendOffsets, Call::kCommit}) {
    faults.chance(call, Mishap::kAbort, per_mille);
    faults.chance(call, Mishap::kFenced, per_mille);
    faults.chance(call, Mishap::kFatal, per_mille);
  }
  faults.chance(Call::kProduce, Mishap::kAbort, per_mille / 8);
}

void World::step(bool mishaps) {
  cluster_.advance_to(cluster_.now() + kTurnMs);
  if (mishaps && random(1000) < chances_.weather_per_mille) weather();
  if (down_until_ != kNoTime && cluster_.now() >= down_until_) {
    cluster_.set_down(false);
    down_until_ = kNoTime;
  }
  std::erase_if(still_until_, [&](const auto& entry) {
    if (cluster_.now() < entry.second) return false;
    cluster_.stand_still(entry.first, false);
    return true;
  });
  for (std::size_t at = 0; at < instances_.size(); ++at) step_instance(at, mishaps);
}

void World::step_instance(std::size_t at, bool mishaps) {
  Instance& instance = *instances_[at];
  const std::string name = "instance " + std::to_string(at);
  if (mishaps && instance.running() && random(1000) < chances_.kill_per_mille) {
    const bool lose_disk = random(1000) < chances_.lose_disk_per_mille;
    tell(name + (lose_disk ? " is killed, its disk is lost" : " is killed"));
    instance.kill(lose_disk);
  } else if (mishaps && !instance.running() && random(10) == 0) {
    tell(name + " starts");
    instance.start();
  }
  const int replaced = instance.replaced();
  if (!instance.turn()) {
    const bool lose_disk = random(1000) < chances_.lose_disk_per_mille;
    tell(name + (lose_disk ? " died, its disk is lost" : " died"));
    instance.kill(lose_disk);
  }
  if (instance.replaced() > replaced) tell(name + " has replaced its worker");
  if (!instance.failure().empty()) failure_ = name + ": " + instance.failure();
}

// One of the things that happen to a cluster.
void World::weather() {
  const std::size_t at = random(instances_.size());
  // Shorter than a session, or longer.
  const std::uint64_t turns = random(4) == 0 ? 100 + random(200) : random(60);
  const auto until = later(cluster_.now(), static_cast<std::int64_t>(turns) * kTurnMs);
  const std::string name = "instance " + std::to_string(at);
  const std::string long_is = " until " + std::to_string(until);
  std::vector<std::pair<std::string, int>> topics;
  for (const auto& [topic, found] : cluster_.topics().all()) {
    topics.emplace_back(topic, static_cast<int>(found.logs.size()));
  }
  const auto& [topic, partitions] = topics[random(topics.size())];
  const kafka::Partition partition{
      topic, static_cast<int>(random(static_cast<std::uint64_t>(partitions)))};
  switch (random(8)) {
    case 0:
      tell(name + " is frozen" + long_is);
      return instances_[at]->freeze(until);
    case 1:
      tell(name + " is cut off" + long_is);
      return instances_[at]->cut(until);
    case 2:
      tell("all brokers are down" + long_is);
      cluster_.set_down(true);
      down_until_ = until;
      return;
    case 3:
      tell(topic + "/" + std::to_string(partition.index) + " stands still" + long_is);
      cluster_.stand_still(partition, true);
      still_until_[partition] = until;
      return;
    case 4:
      cluster_.delay_markers(Duration{static_cast<int>(random(3) * random(60))});
      return;
    case 5:
      cluster_.limit_reads(random(2) == 0 ? 0 : 1 + random(5));
      return;
    case 6:
      if (!topic.ends_with("-changelog")) return;
      tell(topic + " is compacted");
      return cluster_.compact(topic);
    default:
      tell(name + " is stopped");
      return instances_[at]->stop();
  }
}

void World::start() {
  for (std::size_t at = 0; at + static_cast<std::size_t>(chances_.start_later) < instances_.size();
       ++at) {
    instances_[at]->start();
  }
}

void World::storm(int turns) {
  set_faults(chances_.fault_per_mille);
  for (int turn = 0; turn < turns && failure_.empty(); ++turn) step(true);
  cluster_.faults().clear();
}

void World::calm() {
  tell("calm");
  cluster_.faults().clear();
  cluster_.set_down(false);
  down_until_ = kNoTime;
  for (const auto& [partition, until] : still_until_) cluster_.stand_still(partition, false);
  still_until_.clear();
  cluster_.delay_markers(Duration{0});
  cluster_.limit_reads(0);
  for (auto& instance : instances_) {
    instance->recover();
    if (instance->leaving()) instance->kill(false);
    if (!instance->running()) instance->start();
  }
}

bool World::wait_for(const std::function<bool()>& done, int turns_max, int turns_after) {
  for (int turn = 0; turn < turns_max && failure_.empty(); ++turn) {
    step(false);
    if (!done()) continue;
    for (int after = 0; after < turns_after && failure_.empty(); ++after) step(false);
    return true;
  }
  return false;
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
  const sim::Group* group = cluster_.find_group("job");
  if (group == nullptr) return all;
  for (const auto& [partition, position] : group->offsets()) {
    all += "\n    " + partition.topic + "/" + std::to_string(partition.index) + " committed at " +
           std::to_string(position.offset) + " of " +
           std::to_string(cluster_.topics().find(partition)->end()) + ", '" + position.metadata +
           "'";
  }
  return all;
}

void World::settle() {
  calm();
  int quiet = 0;
  const auto is_quiet = [&] {
    quiet = all_idle() ? quiet + 1 : 0;
    return quiet > kQuietTurns;
  };
  if (wait_for(is_quiet, kTurnsMax, 0) || !failure_.empty()) return;
  failure_ = "the world does not come to rest:" + picture();
}

void World::drain() {
  Instance& last = *instances_.front();
  for (auto& instance : instances_) {
    if (instance.get() != &last) instance->stop();
  }
  int quiet = 0;  // The partitions of static members move after their sessions.
  for (int turn = 0; turn < kTurnsMax && failure_.empty() && quiet <= kQuietTurns; ++turn) {
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
