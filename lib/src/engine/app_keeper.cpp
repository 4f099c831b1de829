// The thread of an App that keeps house: the end of input, topics that come and go, repartition
// records that nobody needs any more.

#include <algorithm>
#include <chrono>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "engine/app_running.h"
#include "engine/names.h"

namespace weir {

namespace {

using Clock = std::chrono::steady_clock;

constexpr Duration kTurn{100};
constexpr Duration kSourcesEvery{5'000};
constexpr int kMissingMax = 2;  // A broker that has just started may not know every topic.

constexpr Duration kGiveBackEvery{5'000};

// Memory that a backlog or a rebalance has left behind: each of the client's threads holds some.
void give_memory_back() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

// True once per `every`.
bool is_due(Clock::time_point& last, Duration every) {
  const Clock::time_point now = Clock::now();
  if (now - last < every) return false;
  last = now;
  return true;
}

}  // namespace

void App::Running::keep_house() {
  auto admin = cluster_->admin();
  if (!admin.ok()) return fail(AppFault::internal, admin.outcome.text);
  Clock::time_point purged = Clock::now();
  Clock::time_point looked = Clock::now();
  Clock::time_point given_back = Clock::now();
  while (pause(kTurn)) {
    if (leaving_) continue;
    judge_dead_letters();
    look_for_end(*admin.value);
    if (look_again_.exchange(false)) look_again(*admin.value);
    if (is_due(looked, kSourcesEvery)) look_for_sources(*admin.value);
    if (is_due(purged, config_.purge_every)) purge(*admin.value);
    if (is_due(given_back, kGiveBackEvery)) give_memory_back();
  }
}

void App::Running::judge_dead_letters() {
  if (config_.dead_letter_limit.share <= 0) return;
  const AppSnapshot now = snapshot();
  std::uint64_t dead = 0;
  for (const auto& [reason, records] : now.dead_letters) dead += records;
  std::optional<std::string> why;
  {
    const std::lock_guard lock(judge_mutex_);
    why = judge_.judge(now.taken, now.total_in().records, dead);
  }
  if (why) fail(AppFault::too_many_letters, *why);
}

void App::Running::look_for_end(kafka::Admin& admin) {
  if (draining_) {
    const bool all = std::all_of(seats_.begin(), seats_.end(),
                                 [](const auto& seat) { return seat->drained.load(); });
    if (all) leave();
    return;
  }
  if (stop_asked_ && config_.drain && !until_end_) {
    until_end_ = std::make_unique<engine::UntilEnd>(topology_, *layout(), config_.id);
  }
  if (!until_end_ || !until_end_->reached(admin)) return;
  if (!config_.drain) return leave();
  const std::string ours = config_.id + "-" + instance_id_ + "-";
  const std::size_t dynamic = config_.membership == Membership::dynamic ? seats_.size() : 0;
  if (AppStatus alone = engine::check_alone(config_.id, ours, dynamic, admin); !alone) {
    if (alone.fault() == AppFault::unreachable) return;  // Asked again at the next turn.
    return fail(alone.fault(), alone.error().to_string());
  }
  draining_ = true;
}

// What every reader has committed, nobody reads again.
void App::Running::purge(kafka::Admin& admin) {
  std::vector<kafka::Position> before;
  for (const AppSnapshot::Input& input : snapshot().inputs) {
    if (input.is_source || input.committed <= 0) continue;
    before.push_back({{input.topic, input.partition}, input.committed});
  }
  const kafka::Outcome purged = admin.delete_records(before);
  if (!purged.ok()) log(5, "repartition topics were not purged: " + purged.text);
}

void App::Running::look_for_sources(kafka::Admin& admin) {
  std::vector<std::string> topics;
  for (const StageSpec& spec : topology_.stages()) {
    if (spec.role == Role::source) topics.push_back(spec.topic);
  }
  for (int times = 0; times < kMissingMax; ++times) {
    const auto found = admin.partitions(topics);
    if (!found.ok()) return;
    const auto missing = std::find(found.value.begin(), found.value.end(), 0);
    if (missing == found.value.end()) return;
    if (times + 1 == kMissingMax) {
      const auto at = static_cast<std::size_t>(missing - found.value.begin());
      return fail(AppFault::mismatch, "the source topic '" + topics[at] + "' is gone");
    }
    if (!pause(Duration{1000})) return;
  }
}

// A worker was replaced: perhaps because a topic has more partitions than it knew.
void App::Running::look_again(kafka::Admin& admin) {
  auto options = start_options();
  auto layout = engine::plan_layout(topology_, options.layout, admin);
  if (!layout) {
    const std::vector<std::string> none;
    if (!admin.partitions(none).ok()) return;  // It is the brokers, not the topics.
    return fail(AppFault::mismatch, layout.error().to_string());
  }
  if (layout->tasks == this->layout()->tasks) return;
  if (Status read = engine::read_limits(*layout, admin); !read) return;
  log(5, "topics have grown: the job takes up their new partitions");
  const std::lock_guard lock(mutex_);
  layout_ = std::make_shared<const engine::Layout>(std::move(*layout));
}

}  // namespace weir
