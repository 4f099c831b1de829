#include "engine/app_running.h"

#include <algorithm>
#include <chrono>

namespace weir {

namespace {

constexpr Duration kWait{50};  // For records, in one turn of a worker.
constexpr std::int64_t kPublishMs = 100;
constexpr std::int64_t kReplaceMs = 100;      // The first pause before another worker.
constexpr std::int64_t kReplaceMsMax = 2000;  // And the longest.
constexpr std::int64_t kCalmMs = 30'000;      // A worker that lived so long begins anew.
constexpr int kFencedMax = 8;                 // Then someone else has our name.
constexpr std::size_t kNameMax = 200;

Timestamp clock_now() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::int64_t thread_cpu_ns() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return used.tv_sec * 1'000'000'000 + used.tv_nsec;
}

bool is_topic_name(const std::string& name) {
  return !name.empty() && name.size() <= kNameMax && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' ||
                  c == '-';
         });
}

template <class Map>
void add_all(Map& to, const Map& from) {
  for (const auto& [key, value] : from) {
    if constexpr (std::is_arithmetic_v<typename Map::mapped_type>) {
      to[key] += value;
    } else {
      to[key].add(value);
    }
  }
}

template <class T>
void append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

void add_discards(std::vector<AppSnapshot::Discarded>& to,
                  const std::vector<AppSnapshot::Discarded>& from) {
  for (const AppSnapshot::Discarded& one : from) {
    const auto same = std::find_if(to.begin(), to.end(), [&](const auto& other) {
      return other.step == one.step && other.reason == one.reason;
    });
    if (same != to.end()) {
      same->records += one.records;
    } else {
      to.push_back(one);
    }
  }
}

void add_counters(AppSnapshot& to, const AppSnapshot& from) {
  add_all(to.in, from.in);
  add_all(to.out, from.out);
  add_all(to.dead_letters, from.dead_letters);
  add_all(to.sink_retries, from.sink_retries);
  add_all(to.sink_write_seconds, from.sink_write_seconds);
  add_all(to.end_to_end_seconds, from.end_to_end_seconds);
  add_all(to.processing_seconds, from.processing_seconds);
  add_all(to.late_by_seconds, from.late_by_seconds);
  add_all(to.steps, from.steps);
  add_discards(to.discarded, from.discarded);
  to.commits += from.commits;
  to.aborts += from.aborts;
  to.rebalances += from.rebalances;
  to.revocations += from.revocations;
  to.losses += from.losses;
  to.rebalance_seconds.add(from.rebalance_seconds);
  to.restored += from.restored;
  to.replaced += from.replaced;
  to.commit_seconds.add(from.commit_seconds);
}

void add_gauges(AppSnapshot& to, const AppSnapshot& from) {
  append(to.inputs, from.inputs);
  append(to.tasks, from.tasks);
  append(to.stores, from.stores);
  append(to.disks, from.disks);
  append(to.workers, from.workers);
  append(to.sinks, from.sinks);
}

}  // namespace

App::Running::Running(AppConfig config, Topology topology, std::shared_ptr<kafka::Cluster> cluster,
                      AppListener listener)
    : config_(std::move(config)),
      topology_(std::move(topology)),
      listener_(std::move(listener)),
      own_cluster_(cluster == nullptr),
      cluster_(std::move(cluster)),
      judge_(config_.dead_letter_limit) {
  client_options_.brokers = config_.brokers;
  client_options_.properties.assign(config_.properties.begin(), config_.properties.end());
  client_options_.statistics = [this](std::string_view json) { client_numbers_.take(json); };
  client_options_.log = [this](int level, std::string_view text) {
    complaints_.note(level, text);
    log(level < 4 ? 4 : level, text);  // What the client mends alone is no error of ours.
  };
}

App::Running::~Running() {
  stop();
  cut_ = true;
  changed_.notify_all();
  for (const auto& seat : seats_) {
    if (seat->thread.joinable()) seat->thread.join();
  }
  if (keeper_.joinable()) keeper_.join();
}

// ---- Start -------------------------------------------------------------------------------------

AppStatus App::Running::start() {
  tell_state(AppState::starting);
  AppStatus ready = make_ready();
  if (!ready || stop_asked_) {
    const std::lock_guard lock(mutex_);
    status_ = ready;
    ended_ = true;
    directory_.reset();
  }
  if (!ready || stop_asked_) {
    tell_state(ready ? AppState::stopped : AppState::failed);
    changed_.notify_all();
    return ready;
  }
  for (int number = 0; number < config_.threads; ++number) {
    seats_.push_back(std::make_unique<Seat>(number));
    seats_.back()->look.workers.push_back({.number = number, .turned = clock_now()});
  }
  working_ = seats_.size();
  for (const auto& seat : seats_) seat->thread = std::thread([this, &seat] { work(*seat); });
  keeper_ = std::thread([this] { keep_house(); });
  return {};
}

AppStatus App::Running::check_config() const {
  const auto wrong = [](std::string text) {
    return AppStatus(AppFault::mismatch, Error{std::move(text)});
  };
  if (!is_topic_name(config_.id)) return wrong("'" + config_.id + "' is no name for a job");
  if (config_.threads < 1) return wrong("a job needs at least one thread");
  if (config_.commit_every.count() < 0 || config_.commit_every > engine::kCommitEveryMax) {
    return wrong("commits must be at most 10 minutes apart");
  }
  if (config_.state_dir.empty()) return wrong("no state directory is given");
  for (const auto& sink : config_.sinks) {
    const std::string& name = sink.first;
    const bool known = std::any_of(
        topology_.stages().begin(), topology_.stages().end(),
        [&](const StageSpec& spec) { return spec.role == Role::sink && spec.topic == name; });
    if (!known) return wrong("the job has no sink '" + name + "'");
  }
  if (!own_cluster_) return {};
  if (Status fine = kafka::check_options(client_options_); !fine) {
    return {AppFault::mismatch, fine.error()};
  }
  return {};
}

engine::StartOptions App::Running::start_options() const {
  engine::StartOptions options;
  options.layout.job = config_.id;
  options.layout.sink_partitions = config_.partitions;
  options.layout.replicas = config_.replicas;
  options.layout.make_results = config_.make_results;
  for (const auto& [name, open] : config_.sinks) options.layout.sinks.insert(name);
  options.brokers = config_.brokers;
  options.wait = config_.start_wait;
  options.alone = config_.drain;
  options.own_members = config_.id + "-" + instance_id_ + "-";
  options.stop = &stop_asked_;
  return options;
}

AppStatus App::Running::make_ready() {
  if (AppStatus fine = check_config(); !fine) return fine;
  auto claimed = engine::JobDirectory::claim(config_.state_dir, config_.id);
  if (!claimed) return {AppFault::state_io, claimed.error()};
  directory_ = std::move(*claimed);
  instance_id_ = directory_->instance_id();
  if (!cluster_) cluster_ = kafka::connect(client_options_);
  auto admin = cluster_->admin();
  if (!admin.ok()) return {AppFault::mismatch, {admin.outcome.text}};
  engine::Ground ground;
  AppStatus ready = engine::prepare(topology_, start_options(), complaints_, *admin.value, ground);
  if (!ready || stop_asked_) return ready;
  layout_ = std::make_shared<const engine::Layout>(std::move(ground.layout));
  if (Status fit = directory_->check(topology_, *layout_); !fit) {
    return {AppFault::mismatch, Error{fit.error().text, fit.error().hint}};
  }
  created_ = std::move(ground.created);
  if (config_.until_end) {
    until_end_ = std::make_unique<engine::UntilEnd>(topology_, *layout_, config_.id);
    until_end_->reached(*admin.value);  // Remembers the ends of now.
  }
  return {};
}

engine::WorkerOptions App::Running::worker_options(const Seat& seat) {
  engine::WorkerOptions options;
  options.job = config_.id;
  options.instance_id = instance_id_;
  options.index = seat.number;
  options.static_membership = config_.membership == Membership::fixed;
  options.guarantee = config_.guarantee == Guarantee::exactly_once
                          ? engine::Guarantee::exactly_once
                          : engine::Guarantee::at_least_once;
  options.commit_every = config_.commit_every;
  options.session_timeout = config_.session_timeout;
  options.from = config_.from;
  options.commit_tails = config_.until_end || config_.drain;
  options.idle_by_clock = !config_.until_end;
  options.flush_every = Duration{1000};
  options.sinks = config_.sinks;
  options.on_stores = [this](engine::TaskId id, state::Environment* stores) {
    shelf_.put(id, stores);
  };
  options.log = [this](int level, std::string_view text) { log(level, text); };
  options.open_stores = [this](engine::TaskId id, const std::string& fingerprint) {
    return directory_->open(id, fingerprint, {.flush_bytes_max = config_.state_bytes_max});
  };
  return options;
}

// ---- Worker threads ----------------------------------------------------------------------------

void App::Running::work(Seat& seat) {
  for (bool again = true; again;) {
    const std::shared_ptr<const engine::Layout> layout = this->layout();
    engine::Worker worker(topology_, *layout, worker_options(seat), *cluster_, clock_now());
    try {
      const engine::Worker::Health health = run_worker(seat, worker, layout.get());
      publish(seat, worker, clock_now());
      if (health == engine::Worker::Health::failed) fail(worker.fault(), worker.error());
      again = health == engine::Worker::Health::replace && replace(seat, worker.error());
    } catch (const BrokenWorld& broken) {
      fail(AppFault::state_io, broken.what());
      again = false;
    } catch (const std::exception& thrown) {  // By a function of the job.
      fail(AppFault::internal, thrown.what());
      again = false;
    }
  }
  leave_seat(seat);
}

engine::Worker::Health App::Running::run_worker(Seat& seat, engine::Worker& worker,
                                                const engine::Layout* layout) {
  using Health = engine::Worker::Health;
  bool told_to_leave = false;
  bool told_to_drain = false;
  std::uint64_t watched = 0;
  for (;;) {
    const Timestamp now = clock_now();
    if (is_time_to_cut(now)) {
      if (!cut_) {
        fail(AppFault::try_again,
             "a worker could not commit and leave in time, cut off while " + worker.doing());
      }
      return Health::stopped;
    }
    if (draining_ && !std::exchange(told_to_drain, true)) worker.drain();
    if (leaving_ && !std::exchange(told_to_leave, true)) worker.stop();
    if (watched_ != watched) watched = hand_watcher(worker);
    const Health health = worker.turn(now, kWait);
    // It made room for one that knows the new partitions.
    if (health == Health::stopped && !leaving_) return Health::replace;
    if (health != Health::good) return health;
    seat.drained = told_to_drain && worker.drained();
    const AppState phase = phase_of(worker);
    const bool changed = seat.phase.exchange(phase) != phase;
    if (changed) update_state();
    if (!changed && now - seat.published < kPublishMs) continue;
    publish(seat, worker, now);
    if (this->layout().get() != layout) worker.stop();
  }
}

std::uint64_t App::Running::hand_watcher(engine::Worker& worker) const {
  const std::lock_guard lock(mutex_);
  worker.watch(watcher_);
  return watched_;
}

void App::Running::watch(std::shared_ptr<RecordWatcher> watcher) {
  const std::lock_guard lock(mutex_);
  watcher_ = std::move(watcher);
  ++watched_;
}

// Whether another worker takes the seat.
bool App::Running::replace(Seat& seat, const std::string& why) {
  const Timestamp now = clock_now();
  log(4, "worker " + std::to_string(seat.number) + " is replaced: " + why);
  {
    const std::lock_guard lock(seat.mutex);
    AppSnapshot counted;
    add_counters(counted, seat.look);
    ++counted.replaced;
    for (auto& [name, step] : counted.steps) step.open_windows = 0;
    seat.before = std::move(counted);
  }
  const bool calm = now - seat.last_replaced > kCalmMs;
  seat.replaced = calm ? 1 : seat.replaced + 1;
  seat.last_replaced = now;
  if (why.find("instance") != std::string::npos && seat.replaced >= kFencedMax) {
    fail(AppFault::try_again,
         "another process works under the name of this instance, " + instance_id_ + ": " + why);
    return false;
  }
  look_again_ = true;
  seat.phase = AppState::rebalancing;
  update_state();
  const std::int64_t times = std::min<std::int64_t>(1 << std::min(seat.replaced - 1, 8), 64);
  return pause(Duration{std::min(kReplaceMs * times, kReplaceMsMax)}) && !leaving_;
}

AppState App::Running::phase_of(const engine::Worker& worker) const {
  if (worker.restoring()) return AppState::restoring;
  return worker.running() ? AppState::running : AppState::rebalancing;
}

void App::Running::publish(Seat& seat, const engine::Worker& worker, Timestamp now) {
  AppSnapshot look;
  worker.look(look);
  add_counters(look, seat.before);
  const std::int64_t cpu = thread_cpu_ns();
  const std::int64_t passed = std::max<std::int64_t>(1, now - seat.published);
  const double busy = static_cast<double>(cpu - seat.cpu_ns) / 1e6 / static_cast<double>(passed);
  const double held =
      (worker.held_seconds() - seat.held_seconds) * 1e3 / static_cast<double>(passed);
  look.workers.push_back(
      {seat.number, worker.doing(), std::clamp(busy, 0.0, 1.0), std::clamp(held, 0.0, 1.0), now});
  seat.cpu_ns = cpu;
  seat.held_seconds = worker.held_seconds();
  seat.published = now;
  const std::lock_guard lock(seat.mutex);
  seat.look = std::move(look);
}

std::shared_ptr<const engine::Layout> App::Running::layout() const {
  const std::lock_guard lock(mutex_);
  return layout_;
}

bool App::Running::is_time_to_cut(Timestamp now) const { return cut_ || now >= leave_by_; }

void App::Running::leave_seat(Seat& seat) {
  judge_dead_letters();  // Of the very last records, too.
  {
    const std::lock_guard lock(seat.mutex);
    seat.look.workers.clear();
  }
  bool last = false;
  bool failed = false;
  {
    const std::lock_guard lock(mutex_);
    last = --working_ == 0;
    failed = !status_;
  }
  if (!last) return;
  tell_state(failed ? AppState::failed : AppState::stopped);
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
}

// ---- State -------------------------------------------------------------------------------------

void App::Running::fail(AppFault fault, const std::string& text) {
  {
    const std::lock_guard lock(mutex_);
    if (status_) status_ = AppStatus(fault, Error{text});
  }
  log(3, text);
  leave();
}

void App::Running::leave() {
  if (leaving_.exchange(true)) return;
  leave_by_ = later(clock_now(), config_.stop_wait);
  tell_state(AppState::stopping);
  changed_.notify_all();
}

void App::Running::stop() {
  if (stop_asked_.exchange(true)) cut_ = true;
  // With drain, the keeper first sees to the end of the input.
  if (!config_.drain || cut_) leave();
  changed_.notify_all();
}

void App::Running::update_state() {
  if (leaving_) return;
  AppState least = AppState::running;
  for (const auto& seat : seats_) least = std::min(least, seat->phase.load());
  tell_state(least);
}

void App::Running::tell_state(AppState state) {
  const std::lock_guard lock(listener_mutex_);
  if (state_.load() >= AppState::stopping && state < state_.load()) return;
  if (state_.exchange(state) == state || !listener_.state) return;
  listener_.state(state);
}

void App::Running::log(int level, std::string_view text) const {
  const std::lock_guard lock(listener_mutex_);
  if (listener_.log) listener_.log(level, text);
}

bool App::Running::pause(Duration longest) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, longest, [&] { return cut_ || ended_; });
  return !cut_ && !ended_;
}

std::optional<AppStatus> App::Running::wait_for(Duration longest) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, longest, [&] { return ended_; })) return std::nullopt;
  return status_;
}

AppStatus App::Running::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return ended_; });
  return status_;
}

AppSnapshot App::Running::snapshot() const {
  AppSnapshot all;
  all.state = state_.load();
  all.instance_id = instance_id_;
  all.taken = clock_now();
  if (all.state <= AppState::starting) return all;
  for (const auto& seat : seats_) {
    const std::lock_guard lock(seat->mutex);
    add_counters(all, seat->look);
    add_gauges(all, seat->look);
  }
  all.clients = client_numbers_.all();
  return all;
}

std::vector<std::string> App::Running::created_topics() const { return created_; }

std::map<std::string, std::string> App::Running::shown_properties() const {
  std::map<std::string, std::string> shown;
  for (const auto& [name, value] : kafka::redacted(client_options_.properties)) {
    shown[name] = value;
  }
  return shown;
}

}  // namespace weir
