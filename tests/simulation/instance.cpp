// The processes of a simulated world, and the sinks that they write to.

#include <algorithm>

#include "simulation/world.h"

namespace weir::simulation {

namespace {

// A place that forgets nothing: what is written arrives at once or with the flush, and what it
// could not take now comes again.
class PlaceSink final : public Sink {
 public:
  PlaceSink(Places& places, std::string name) : places_(places), name_(std::move(name)) {}

  SinkAnswer write(std::span<const SinkRecord> batch) override {
    const bool refuse = places_.random.chance(places_.trouble_per_mille);
    const std::size_t taken = refuse ? places_.random.below(batch.size()) : batch.size();
    SinkAnswer answer;
    for (std::size_t at = 0; at < taken; ++at) {
      sim::SimRecord row{.timestamp = batch[at].timestamp};
      if (batch[at].key) row.key.emplace(*batch[at].key);
      if (batch[at].value) row.value.emplace(*batch[at].value);
      if (Places::refuses(row.key, row.timestamp)) {
        answer.refused.push_back({at, "not this one"});
      } else {
        unflushed_.push_back(std::move(row));
      }
    }
    if (refuse) return {SinkAnswer::What::again, "not now", {}};
    if (places_.random.below(2) == 0) arrive();
    return answer;
  }
  SinkAnswer flush() override {
    if (places_.random.chance(places_.trouble_per_mille)) {
      return {SinkAnswer::What::again, "not now", {}};
    }
    arrive();
    return {};
  }
  void close() override {}

 private:
  void arrive() {
    auto& rows = places_.rows[name_];
    for (sim::SimRecord& row : unflushed_) rows.push_back(std::move(row));
    unflushed_.clear();
  }
  Places& places_;
  const std::string name_;
  std::vector<sim::SimRecord> unflushed_;
};

}  // namespace

bool Places::refuses(const std::optional<std::string>& key, Timestamp time) {
  // Never the records at the edges of the input, which no model lists.
  if (!key || key->find('~') != std::string::npos) return false;
  return (time + static_cast<Timestamp>(key->size())) % 5 == 4;
}

OpenSink Places::opener(const std::string& name) {
  return [this, name](int) -> Result<std::unique_ptr<Sink>> {
    return std::unique_ptr<Sink>(std::make_unique<PlaceSink>(*this, name));
  };
}

Instance::Instance(sim::SimCluster& cluster, const Topology& topology,
                   engine::WorkerOptions options, int threads)
    : cluster_(cluster), topology_(topology), options_(std::move(options)), threads_(threads) {
  options_.open_stores =
      [this](engine::TaskId id,
             const std::string& fingerprint) -> Result<std::unique_ptr<state::Environment>> {
    if (!refused_.empty()) return Error{refused_};
    if (open_.contains(id)) return Error{"another worker has it", "", engine::kInUseHere};
    std::unique_ptr<state::MemoryFiles>& files = disk_[id];
    if (!files) files = std::make_unique<state::MemoryFiles>();
    state::Environment::Options how;
    how.fingerprint = fingerprint;
    how.flush_bytes_max = 2000;  // Small, so that kills find every distance between disk and Kafka.
    how.restore_bytes_max = 4000;
    return state::open_memory(*files, how);
  };
  options_.on_stores = [this](engine::TaskId id, state::Environment* stores) {
    if (stores == nullptr) {
      open_.erase(id);
    } else {
      open_.insert(id);
    }
  };
}

void Instance::start() {
  end_workers();
  leaving_ = false;
  connection_ = cluster_.connect();
  seats_.resize(static_cast<std::size_t>(threads_));
}

void Instance::end_workers() {
  for (const Seat& seat : seats_) {
    if (seat.worker) restored_ += seat.worker->restored();
  }
  seats_.clear();
}

void Instance::make_worker(std::size_t at) {
  seats_[at].worker.reset();
  if (!layout_) {
    auto admin = connection_->admin();
    if (!admin.ok()) return;
    engine::LayoutOptions how{options_.job};
    for (const auto& [name, open] : options_.sinks) how.sinks.insert(name);
    auto layout = engine::plan_layout(topology_, how, *admin.value);
    if (!layout) {
      if (layout.error().text.find("brokers") == std::string::npos) {
        failure_ = layout.error().to_string();
      }
      return;
    }
    if (!engine::create_topics(*layout, *admin.value)) return;
    layout_ = std::move(*layout);
  }
  options_.index = static_cast<int>(at);
  seats_[at].worker =
      std::make_unique<engine::Worker>(topology_, *layout_, options_, *connection_, cluster_.now());
}

bool Instance::turn() {
  if (!connection_ || !failure_.empty() || cluster_.now() < frozen_until_) return true;
  if (cut_until_ != kNoTime && cluster_.now() >= cut_until_) {
    cut_until_ = kNoTime;
    connection_->cut(false);
  }
  try {
    for (std::size_t at = 0; at < seats_.size(); ++at) turn_worker(at);
  } catch (const sim::ProcessDied&) {
    return false;
  }
  const auto stopped = [](const Seat& seat) { return seat.stopped; };
  if (std::all_of(seats_.begin(), seats_.end(), stopped)) {
    end_workers();
    connection_.reset();
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

void Instance::turn_worker(std::size_t at) {
  Seat& seat = seats_[at];
  if (seat.stopped) return;
  if (!seat.worker && leaving_) {
    seat.stopped = true;
    return;
  }
  if (!seat.worker) return make_worker(at);
  switch (seat.worker->turn(cluster_.now(), Duration{0})) {
    case engine::Worker::Health::good:
      return;
    case engine::Worker::Health::replace:
      ++replaced_;
      restored_ += seat.worker->restored();
      make_worker(at);
      return;
    case engine::Worker::Health::stopped:
      restored_ += seat.worker->restored();
      seat.worker.reset();
      seat.stopped = true;
      return;
    case engine::Worker::Health::failed:
      failure_ = seat.worker->error();
      return;
  }
}

void Instance::kill(bool lose_disk) {
  end_workers();
  connection_.reset();
  frozen_until_ = cut_until_ = kNoTime;
  leaving_ = false;
  if (lose_disk) disk_.clear();
}

std::uint64_t Instance::restored() const {
  std::uint64_t all = restored_;
  for (const Seat& seat : seats_) all += seat.worker ? seat.worker->restored() : 0;
  return all;
}

std::vector<engine::Worker*> Instance::workers() {
  std::vector<engine::Worker*> all;
  for (const Seat& seat : seats_) {
    if (seat.worker) all.push_back(seat.worker.get());
  }
  return all;
}

std::size_t Instance::tasks_wanted() const {
  if (!layout_) return 0;
  std::size_t all = 0;
  for (const int tasks : layout_->tasks) all += static_cast<std::size_t>(tasks);
  return all;
}

void Instance::stop() {
  leaving_ = true;
  for (const Seat& seat : seats_) {
    if (seat.worker) seat.worker->stop();
  }
}

}  // namespace weir::simulation
