#include "simulation/world.h"

#include <algorithm>

namespace weir::simulation {

namespace {

constexpr int kQuietTurns = 20;
constexpr int kTurnsMax = 60'000;  // Until a world that should be quiet is taken for stuck.
constexpr std::int64_t kTurnMs = 7;
constexpr const char* kErasuresKeptMs = "1100";  // So that who was off for long misses some.

}  // namespace

World::World(std::uint64_t seed, Topology topology, Chances chances)
    : random_(seed),
      cluster_(seed),
      topology_(std::move(topology)),
      chances_(std::move(chances)),
      places_(seed),
      away_until_(static_cast<std::size_t>(chances_.instances), kNoTime) {
  if (chances_.producer_queue_max > 0) cluster_.limit_queues(chances_.producer_queue_max);
  for (int at = 0; at < chances_.instances; ++at) {
    engine::WorkerOptions options;
    options.job = "job";
    options.instance_id = "i" + std::to_string(at);
    options.sinks = chances_.own_sinks;
    options.commit_every = Duration{20 + static_cast<int>(random(100))};
    if (chances_.commit_every.count() > 0) options.commit_every = chances_.commit_every;
    options.session_timeout = Duration{1000};
    options.static_membership = chances_.static_membership;
    options.batch_records_max = 1 + random(20);
    options.guarantee =
        chances_.exactly_once ? engine::Guarantee::exactly_once : engine::Guarantee::at_least_once;
    options.log = [this, at](int, std::string_view text) {
      tell("instance " + std::to_string(at) + ": " + std::string(text));
    };
    for (const std::string& name : chances_.sinks) options.sinks[name] = places_.opener(name);
    instances_.push_back(
        std::make_unique<Instance>(cluster_, topology_, options, chances_.threads));
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

void World::clear_faults() {
  cluster_.faults().clear();
  places_.trouble_per_mille = 0;
}

void World::set_faults(std::uint32_t per_mille) {
  sim::Faults& faults = cluster_.faults();
  faults.clear();
  places_.trouble_per_mille = 4 * per_mille;
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
  } else if (mishaps && !instance.running() && cluster_.now() >= away_until_[at] &&
             random(10) == 0) {
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

// One of the things that happen to processes and to a cluster.
void World::weather() {
  const std::size_t at = random(instances_.size());
  // Shorter than a session, or longer.
  const std::uint64_t turns = random(4) == 0 ? 100 + random(200) : random(60);
  const auto until = later(cluster_.now(), static_cast<std::int64_t>(turns) * kTurnMs);
  const std::string name = "instance " + std::to_string(at);
  const std::string long_is = " until " + std::to_string(until);
  switch (const std::uint64_t what = random(10)) {
    case 0:
      tell(name + " is frozen" + long_is);
      return instances_[at]->freeze(until);
    case 1:
      tell(name + " is cut off" + long_is);
      return instances_[at]->cut(until);
    case 2:
      tell(name + " is stopped");
      return instances_[at]->stop();
    case 3:
      tell(name + " is off" + long_is);
      away_until_[at] = until;
      return instances_[at]->kill(false);
    default:
      return broker_weather(what, until);
  }
}

void World::broker_weather(std::uint64_t what, Timestamp until) {
  const std::string long_is = " until " + std::to_string(until);
  const kafka::Partition partition = random_partition();
  switch (what) {
    case 4:
      tell("all brokers are down" + long_is);
      cluster_.set_down(true);
      down_until_ = until;
      return;
    case 5:
      tell(partition.topic + "/" + std::to_string(partition.index) + " stands still" + long_is);
      cluster_.stand_still(partition, true);
      still_until_[partition] = until;
      return;
    case 6:
      return cluster_.delay_markers(Duration{static_cast<int>(random(3) * random(60))});
    case 7:
      return cluster_.limit_reads(random(2) == 0 ? 0 : 1 + random(5));
    case 8:
      return compact();
    default:
      return purge(partition.topic);
  }
}

kafka::Partition World::random_partition() {
  std::vector<std::pair<std::string, std::uint64_t>> topics;
  for (const auto& [topic, found] : cluster_.topics().all()) {
    topics.emplace_back(topic, found.logs.size());
  }
  const auto& [topic, partitions] = topics[random(topics.size())];
  return {topic, static_cast<int>(random(partitions))};
}

void World::compact() {
  tell("changelogs are compacted");
  for (auto& [name, topic] : cluster_.topics().all()) {
    if (!name.ends_with("-changelog")) continue;
    topic.configs["delete.retention.ms"] = kErasuresKeptMs;
    cluster_.compact(name);
  }
}

// As an App does: what the group has committed, nobody reads again.
void World::purge(const std::string& topic) {
  const sim::Group* group = cluster_.find_group("job");
  if (!topic.ends_with("-repartition") || group == nullptr) return;
  tell(topic + " is purged");
  for (const auto& [partition, position] : group->offsets()) {
    if (partition.topic != topic || position.offset < 0) continue;
    cluster_.topics().find(partition)->delete_before(position.offset);
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
  clear_faults();
}

void World::calm() {
  tell("calm");
  clear_faults();
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

std::size_t World::tasks_of(Instance& instance) {
  std::size_t all = 0;
  for (const engine::Worker* worker : instance.workers()) all += worker->tasks();
  return all;
}

bool World::all_idle() {
  std::size_t tasks = 0;
  std::size_t wanted = 1;
  for (auto& instance : instances_) {
    for (const engine::Worker* worker : instance->workers()) {
      if (!worker->idle()) return false;
    }
    tasks += tasks_of(*instance);
    wanted = std::max(wanted, instance->tasks_wanted());
  }
  return tasks == wanted;
}

std::string World::picture() {
  std::string all;
  for (auto& instance : instances_) {
    all += " [";
    for (const engine::Worker* worker : instance->workers()) {
      all += worker->doing() + ", " + std::to_string(worker->tasks()) + " tasks, replaced " +
             std::to_string(instance->replaced()) + " times";
      worker->each_task([&](const engine::Task& task, const state::Environment&) {
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
    quiet = all_idle() && tasks_of(last) == last.tasks_wanted() ? quiet + 1 : 0;
  }
  if (!failure_.empty()) return;
  for (engine::Worker* worker : last.workers()) worker->drain();
  for (int turn = 0; turn < kTurnsMax && failure_.empty(); ++turn) {
    step(false);
    const auto workers = last.workers();
    if (std::all_of(workers.begin(), workers.end(), [](const auto* w) { return w->drained(); })) {
      return;
    }
  }
  if (failure_.empty()) failure_ = "the world does not drain:" + picture();
}

std::vector<sim::SimRecord> World::results(const std::string& topic) {
  return is_sink(topic) ? places_.rows[topic] : cluster_.records(topic);
}

}  // namespace weir::simulation
