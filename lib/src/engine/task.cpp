#include "engine/task.h"

#include <algorithm>
#include <utility>

#include "engine/task_parts.h"

namespace weir::engine {

Task::Task(const Topology& topology, TaskId id, Options options, state::Environment& stores,
           TaskOutput& output)
    : errors_(topology.errors()),
      id_(id),
      options_(std::move(options)),
      stores_(stores),
      output_(output),
      now_(options_.wall_clock) {
  if (!errors_.dead_letters.empty()) {
    dead_letter_topic_ = output_.open(errors_.dead_letters, false);
  }
  make_stages(topology);
  connect_stages(topology);
  init_stages();
}

Task::~Task() = default;

void Task::make_stages(const Topology& topology) {
  const auto part = static_cast<std::size_t>(id_.sub_topology);
  for (const int at : topology.sub_topologies()[part].stages) {
    const StageSpec& spec = topology.stages()[static_cast<std::size_t>(at)];
    stages_.push_back({spec.make(), &spec, 0, -1, {}, false});
    watch_.add_stage();
    if (spec.role != Role::source && spec.role != Role::repartition_read) continue;
    auto* source = static_cast<SourceStage*>(stages_.back().stage.get());
    const Duration idle = options_.idle_by_clock ? spec.idle : Duration{0};
    const int number = static_cast<int>(stages_.size()) - 1;
    inputs_.push_back(std::make_unique<RunningInput>(spec, *source, number, idle));
    inputs_.back()->clock.tick(now_);
  }
}

void Task::connect_stages(const Topology& topology) {
  const auto part = static_cast<std::size_t>(id_.sub_topology);
  const std::vector<int>& order = topology.sub_topologies()[part].stages;
  const auto running = [&](int stage) -> RunningStage& {
    const auto it = std::lower_bound(order.begin(), order.end(), stage);
    return stages_[static_cast<std::size_t>(it - order.begin())];
  };
  for (std::size_t number = 0; number < stages_.size(); ++number) {
    RunningStage& child = stages_[number];
    for (const Edge& edge : child.spec->inputs) {
      RunningStage& parent = running(edge.from);
      check(parent.stage->connect(edge.output, *child.stage, edge.port),
            "stages with different record types are connected: " + parent.spec->name + " -> " +
                child.spec->name);
      OutputMeter* const meter = child.stage->fed_by();
      watch_.add_edge(*meter, edge.from, edge.output, static_cast<int>(number));
      child.inputs.push_back(meter);
      if (meter->children.size() == 1) parent.outputs.push_back(meter);
      child.lag_ms = std::max(child.lag_ms, parent.lag_ms + parent.stage->lag().count());
    }
  }
}

void Task::init_stages() {
  for (RunningStage& running : stages_) {
    starting_ = running.spec;
    const bool reads = starting_->role == Role::source || starting_->role == Role::repartition_read;
    if (reads && decode_errors_ == nullptr) {
      decode_errors_ = static_cast<Discard*>(&discards("decode"));
    }
    if (starting_->role == Role::repartition_write) {
      running.marker_topic = output_.open(starting_->topic, true);
    }
    running.stage->init(*this);
  }
  for (RunningStage& running : stages_) {
    if (running.stage->wants_time()) timed_.push_back(&running);
  }
  starting_ = nullptr;
}

Task::Input Task::input(int at) const {
  const RunningInput& input = *inputs_[static_cast<std::size_t>(at)];
  return {input.spec.topic, input.is_repartition()};
}

void Task::resume(int input, std::string_view state) {
  RunningInput& running = *inputs_[static_cast<std::size_t>(input)];
  if (running.is_repartition()) {
    running.markers.resume(state);
  } else {
    running.clock.resume(state, now_);
  }
  update_time();  // Stages hear how far it was before they see a record.
}

// ---- Records in --------------------------------------------------------------------------------

void Task::add(int input, const InputRecord& record) {
  RunningInput& running = *inputs_[static_cast<std::size_t>(input)];
  running.at_end = false;
  running.clock.at_end(false);
  inputs_.size() > 1 ? running.queue.push(record) : add_only(running, record);
}

void Task::add_view(int input, const InputRecord& record) {
  RunningInput& running = *inputs_[static_cast<std::size_t>(input)];
  running.at_end = false;
  running.clock.at_end(false);
  inputs_.size() > 1 ? running.queue.push_view(record) : add_only(running, record);
}

// Where there is no other input to wait for.
void Task::add_only(RunningInput& running, const InputRecord& record) {
  if (running.is_repartition() && record.value && is_marker(*record.value)) {
    take_marker(running, record);
  } else if (decode(running, record)) {
    process_record(running, record);
  }
  running.position = record.offset + 1;
  news_ = true;
}

void Task::reading(int input, Timestamp now) {
  inputs_[static_cast<std::size_t>(input)]->read_at = now;
}

void Task::at_end(int input, bool at_end) {
  RunningInput& running = *inputs_[static_cast<std::size_t>(input)];
  running.at_end = at_end;
  running.clock.at_end(at_end && running.queue.empty());
  if (at_end) update_time();  // An input without records holds nobody back.
}

std::size_t Task::process(std::size_t records_max) {
  std::size_t done = 0;
  if (inputs_.size() == 1) return done;  // add() has done it.
  for (; done < records_max; ++done) {
    RunningInput* first = next_input();
    if (first == nullptr) break;
    process_record(*first, first->queue.front());
    first->shown = false;
    first->position = first->queue.front().offset + 1;
    first->queue.pop();
    first->clock.at_end(first->at_end && first->queue.empty());
    news_ = true;
  }
  return done;
}

std::size_t Task::queued_records(int input) const {
  return inputs_[static_cast<std::size_t>(input)]->queue.size();
}
std::size_t Task::queued_bytes(int input) const {
  return inputs_[static_cast<std::size_t>(input)]->queue.bytes();
}

// The input whose oldest record goes next, or null when there is none that may.
Task::RunningInput* Task::next_input() {
  RunningInput* first = nullptr;
  for (const auto& input : inputs_) {
    if (!show_head(*input)) continue;
    if (first == nullptr || input->source.time() < first->source.time()) first = input.get();
  }
  return first != nullptr && may_go_first(*first) ? first : nullptr;
}

// Decodes the oldest record of the queue. Markers and records that cannot be read are dealt with
// on the way. False: nothing is left.
bool Task::show_head(RunningInput& input) {
  while (!input.shown && !input.queue.empty()) {
    const InputRecord& record = input.queue.front();
    if (input.is_repartition() && record.value && is_marker(*record.value)) {
      take_marker(input, record);
    } else if (decode(input, record)) {
      input.shown = true;
      break;
    }
    input.position = record.offset + 1;
    input.queue.pop();
    input.clock.at_end(input.at_end && input.queue.empty());
    news_ = true;
  }
  return input.shown;
}

// An input with nothing to show may still bring an older record: the others wait, unless it has
// come past the record's time or there is nothing more.
bool Task::may_go_first(const RunningInput& first) const {
  return std::all_of(inputs_.begin(), inputs_.end(), [&](const auto& other) {
    if (other->shown || other->caught_up()) return true;
    return other->is_repartition() && other->markers.reached() >= first.source.time();
  });
}

bool Task::decode(RunningInput& input, const InputRecord& record) {
  input.in.records += 1;
  input.in.bytes +=
      (record.key ? record.key->size() : 0) + (record.value ? record.value->size() : 0);
  const Status status = watch_.is_due() ? decode_timed(input, record) : input.source.decode(record);
  if (status) [[likely]]
    return true;
  current_record_ = &record;
  discard(*decode_errors_, status.error().to_string());
  current_record_ = nullptr;
  return false;
}

Status Task::decode_timed(RunningInput& input, const InputRecord& record) {
  watch_.begin(input.stage);
  Status status = input.source.decode(record);
  watch_.end();
  return status;
}

void Task::process_record(RunningInput& input, const InputRecord& record) {
  current_ = &input;
  current_record_ = &record;
  time_counted_ = input.is_repartition();  // There, markers alone move time.
  refused_ = false;
  if (watch_.is_due()) [[unlikely]] {
    watch_.begin(input.stage);
    forward(input);
    watch_.end();
  } else {
    forward(input);
  }
  current_record_ = nullptr;
  current_ = nullptr;
  time_counted_ = true;
}

void Task::forward(RunningInput& input) {
  input.source.forward(input.clock.reached());
  if (!refused_) time_first();
}

void Task::take_marker(RunningInput& input, const InputRecord& record) {
  Marker marker;
  if (!read_marker(*record.value, marker)) {
    current_record_ = &record;
    discard(*decode_errors_, "damaged marker in a repartition topic");
    current_record_ = nullptr;
    return;
  }
  if (input.markers.accept(marker)) update_time();
}

// ---- Time --------------------------------------------------------------------------------------

void Task::time_first() {
  if (time_counted_) return;
  time_counted_ = true;
  current_->clock.accept(current_->source.time(), now_);
  update_time();
}

void Task::update_time() {
  if (inputs_.size() > 1) return update_time_of_all();
  const RunningInput& only = *inputs_.front();
  if (only.reached() > time_ && !only.empty()) advance(only.reached());
}

void Task::update_time_of_all() {
  Timestamp least = kEndOfTime;
  bool any = false;
  for (const auto& input : inputs_) {
    if (input->empty()) continue;
    any = true;
    least = std::min(least, input->reached());
  }
  if (any && least > time_) advance(least);
}

void Task::advance(Timestamp time) {
  time_ = time;
  news_ = true;
  // What comes out of a closed window is not the record that moved time.
  RunningInput* const current = std::exchange(current_, nullptr);
  const InputRecord* const record = std::exchange(current_record_, nullptr);
  for (RunningStage* running : timed_) tell_time(*running, current != nullptr);
  current_ = current;
  current_record_ = record;
}

void Task::tell_time(RunningStage& running, bool by_record) {
  const Timestamp time = later(time_, -running.lag_ms);
  if (by_record && !watch_.is_timing()) [[likely]]
    return running.stage->on_time(time);
  const int number = static_cast<int>(&running - stages_.data());
  if (!by_record) return watch_.time_whole(number, [&] { running.stage->on_time(time); });
  watch_.enter(number);
  running.stage->on_time(time);
  watch_.leave();
}

void Task::tick(Timestamp now) {
  now_ = std::max(now_, now);
  for (const auto& input : inputs_) {
    if (!input->is_repartition() && input->clock.tick(now_)) news_ = true;
  }
  update_time();
  for (RunningStage& running : stages_) running.stage->on_wall_clock(now_);
}

void Task::drain() {
  for (const auto& input : inputs_) {
    if (!input->is_repartition()) input->clock.drain();
  }
  news_ = true;
  update_time();
}

bool Task::caught_up() const {
  return std::all_of(inputs_.begin(), inputs_.end(),
                     [](const auto& input) { return input->caught_up(); });
}

// ---- Commit ------------------------------------------------------------------------------------

bool Task::has_news() const {
  if (news_) return true;
  const Marker now = marker_now();
  return std::any_of(stages_.begin(), stages_.end(), [&](const RunningStage& running) {
    if (running.marker_topic < 0) return false;
    return !running.told_any || running.told.empty != now.empty ||
           running.told.caught_up != now.caught_up;
  });
}

void Task::before_commit() {
  for (std::size_t number = 0; number < stages_.size(); ++number) {
    Stage& stage = *stages_[number].stage;
    watch_.time_whole(static_cast<int>(number), [&] { stage.before_commit(); });
  }
  write_markers();
}

void Task::committed(Timestamp now) {
  news_ = false;
  commit_soon_ = false;
  watch_.committed();
  held_.clear();
  held_bytes_ = 0;
  for (const auto& input : inputs_) {
    input->committed_in = input->in;
    input->committed_late_by = input->late_by;
  }
  for (const auto& target : targets_) {
    if (!target) continue;
    target->committed_out = target->out;
    target->times.committed(now, target->end_to_end, target->processing);
  }
  for (const auto& discard : discards_) {
    discard->committed = discard->records;
    discard->committed_dead = discard->dead;
  }
}

void Task::aborted() {
  watch_.aborted();
  for (RunningStage& running : stages_) running.stage->forget();
  for (const auto& input : inputs_) {
    input->clock = SourceClock(input->idle);
    input->markers = MarkerClock();
    input->queue.clear();
    input->shown = input->at_end = false;
    input->position = -1;
    input->in = input->committed_in;
    input->late_by = input->committed_late_by;
  }
  for (const auto& target : targets_) {
    if (!target) continue;
    target->out = target->committed_out;
    target->times.aborted();
  }
  for (RunningStage& running : stages_) running.told_any = false;
  for (const auto& discard : discards_) {
    discard->records = discard->committed;
    discard->dead = discard->committed_dead;
  }
  held_.clear();
  held_bytes_ = 0;
  time_ = kNoTime;
  news_ = commit_soon_ = false;
}

std::int64_t Task::position(int input) const {
  return inputs_[static_cast<std::size_t>(input)]->position;
}

std::string Task::state(int input) const {
  const RunningInput& running = *inputs_[static_cast<std::size_t>(input)];
  return running.is_repartition() ? running.markers.state() : running.clock.state();
}

Marker Task::marker_now() const {
  Marker marker{.upstream = id_.partition, .tasks = options_.tasks, .reached = time_};
  marker.empty = time_ == kNoTime && std::all_of(inputs_.begin(), inputs_.end(),
                                                 [](const auto& i) { return i->empty(); });
  marker.caught_up = caught_up();
  return marker;
}

void Task::write_markers() {
  for (RunningStage& running : stages_) {
    if (running.marker_topic < 0) continue;
    Marker marker = marker_now();
    marker.reached = later(marker.reached, -running.lag_ms);
    if (running.told_any && running.told == marker) continue;
    running.told = marker;
    running.told_any = true;
    scratch_.clear();
    append_marker(scratch_, marker);
    const bool is_time = marker.reached != kNoTime && marker.reached != kEndOfTime;
    const Timestamp stamp = is_time ? std::max<Timestamp>(0, marker.reached) : 0;
    for (int to = 0; to < output_.partitions(running.marker_topic); ++to) {
      output_.send({running.marker_topic, to, std::nullopt, scratch_, stamp, {}});
    }
  }
}

}  // namespace weir::engine
