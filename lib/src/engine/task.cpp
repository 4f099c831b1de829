#include "engine/task.h"

#include <algorithm>

#include "engine/dead_letter.h"

namespace weir::engine {

namespace {

constexpr std::size_t kTimesMax = 10'000;  // Records whose latency is measured, per commit.

}  // namespace

struct Task::RunningInput {
  RunningInput(const StageSpec& from, SourceStage& into, Duration idle_after)
      : spec(from), source(into), idle(idle_after), clock(idle_after) {}

  const StageSpec& spec;
  SourceStage& source;
  const Duration idle;
  SourceClock clock;    // Of a source topic.
  MarkerClock markers;  // Of a repartition topic.
  InputQueue queue;
  bool shown = false;  // The queue's front is decoded in the source stage.
  bool at_end = false;
  std::int64_t position = -1;
  Flow in{};
  Flow committed_in{};  // What an abort goes back to.

  bool is_repartition() const { return spec.role == Role::repartition_read; }
  Timestamp reached() const { return is_repartition() ? markers.reached() : clock.reached(); }
  bool empty() const { return is_repartition() ? at_end && markers.empty() : clock.empty(); }
  bool caught_up() const {
    return at_end && queue.empty() && (!is_repartition() || markers.caught_up());
  }
};

struct Task::Discard : DiscardCounter {
  std::string step{};
  OnError answer = OnError::drop;
  std::uint64_t dead = 0;
  std::uint64_t committed = 0;  // Of `records` and of `dead`, at the last commit.
  std::uint64_t committed_dead = 0;
};

// A topic that results go to.
struct Task::Target {
  std::string topic;
  bool is_sink = false;  // Its records count as out.
  Flow out{};
  Flow committed_out{};
  std::vector<Timestamp> times{};  // Of the records since the last commit, or of the first of them.
  Histogram end_to_end{};
};

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
    if (spec.role != Role::source && spec.role != Role::repartition_read) continue;
    auto* source = static_cast<SourceStage*>(stages_.back().stage.get());
    const Duration idle = options_.idle_by_clock ? spec.idle : Duration{0};
    inputs_.push_back(std::make_unique<RunningInput>(spec, *source, idle));
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
  for (RunningStage& child : stages_) {
    for (const Edge& edge : child.spec->inputs) {
      RunningStage& parent = running(edge.from);
      check(parent.stage->connect(edge.output, *child.stage, edge.port),
            "stages with different record types are connected: " + parent.spec->name + " -> " +
                child.spec->name);
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
}

// ---- Records in --------------------------------------------------------------------------------

void Task::add(int input, const InputRecord& record) {
  RunningInput& running = *inputs_[static_cast<std::size_t>(input)];
  running.at_end = false;
  running.clock.at_end(false);
  if (inputs_.size() > 1) return running.queue.push(record);
  if (running.is_repartition() && record.value && is_marker(*record.value)) {
    take_marker(running, record);
  } else if (decode(running, record)) {
    process_record(running, record);
  }
  running.position = record.offset + 1;
  news_ = true;
}

void Task::at_end(int input, bool at_end) {
  RunningInput& running = *inputs_[static_cast<std::size_t>(input)];
  running.at_end = at_end;
  running.clock.at_end(at_end && running.queue.empty());
  if (at_end) update_time();  // An input without records holds nobody back.
}

std::size_t Task::process(std::size_t records_max) {
  std::size_t done = 0;
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

Status Task::decode(RunningInput& input, const InputRecord& record) {
  input.in.records += 1;
  input.in.bytes +=
      (record.key ? record.key->size() : 0) + (record.value ? record.value->size() : 0);
  Status status = input.source.decode(record);
  if (status) return status;
  current_record_ = &record;
  discard(*decode_errors_, status.error().to_string());
  current_record_ = nullptr;
  return status;
}

void Task::process_record(RunningInput& input, const InputRecord& record) {
  current_ = &input;
  current_record_ = &record;
  time_counted_ = input.is_repartition();  // There, markers alone move time.
  refused_ = false;
  input.source.forward(input.clock.reached());
  if (!refused_) time_first();
  current_record_ = nullptr;
  current_ = nullptr;
  time_counted_ = true;
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
  for (RunningStage& running : stages_) {
    if (running.stage->wants_time()) running.stage->on_time(later(time, -running.lag_ms));
  }
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
  for (RunningStage& running : stages_) running.stage->before_commit();
  write_markers();
}

void Task::committed() {
  news_ = false;
  commit_soon_ = false;
  for (const auto& input : inputs_) input->committed_in = input->in;
  for (const auto& target : targets_) {
    if (!target) continue;
    target->committed_out = target->out;
    for (const Timestamp time : target->times) {
      target->end_to_end.observe(static_cast<double>(std::max<Timestamp>(0, now_ - time)) / 1e3);
    }
    target->times.clear();
  }
  for (const auto& discard : discards_) {
    discard->committed = discard->records;
    discard->committed_dead = discard->dead;
  }
}

void Task::aborted() {
  for (RunningStage& running : stages_) running.stage->forget();
  for (const auto& input : inputs_) {
    input->clock = SourceClock(input->idle);
    input->markers = MarkerClock();
    input->queue.clear();
    input->shown = input->at_end = false;
    input->position = -1;
    input->in = input->committed_in;
  }
  for (const auto& target : targets_) {
    if (!target) continue;
    target->out = target->committed_out;
    target->times.clear();
  }
  for (RunningStage& running : stages_) running.told_any = false;
  for (const auto& discard : discards_) {
    discard->records = discard->committed;
    discard->dead = discard->committed_dead;
  }
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

// ---- What stages see ---------------------------------------------------------------------------

BytesStore& Task::store(std::string_view name) { return stores_.store(name); }

int Task::output(std::string_view topic) {
  const bool repartition = starting_ != nullptr && starting_->role == Role::repartition_write;
  const int number = output_.open(topic, repartition);
  const auto at = static_cast<std::size_t>(number);
  if (targets_.size() <= at) targets_.resize(at + 1);
  if (!targets_[at]) targets_[at] = std::make_unique<Target>(Target{std::string(topic)});
  targets_[at]->is_sink = !repartition;
  return number;
}

void Task::send(const OutputRecord& record) {
  news_ = true;  // What a call by the wall clock sends waits for no record to be committed.
  Target& target = *targets_[static_cast<std::size_t>(record.topic)];
  if (const char* reason = output_.refusal(record, now_)) return refuse_result(record, reason);
  if (target.is_sink) {
    target.out.records += 1;
    target.out.bytes +=
        (record.key ? record.key->size() : 0) + (record.value ? record.value->size() : 0);
    if (target.times.size() < kTimesMax) target.times.push_back(record.timestamp);
  }
  output_.send(record);
}

// A result that no broker takes must not abort its transaction, now and at every retry. What led to
// it is the dead letter, or the result itself where a closing window made it.
void Task::refuse_result(const OutputRecord& record, const char* reason) {
  starting_ = nullptr;
  auto& counter = discards(reason);
  const std::string text =
      "a result for '" + targets_[static_cast<std::size_t>(record.topic)]->topic + "', of " +
      std::to_string((record.key ? record.key->size() : 0) +
                     (record.value ? record.value->size() : 0)) +
      " bytes and time " + std::to_string(record.timestamp) + ", is not taken by the brokers";
  if (current_record_ != nullptr) return discard(counter, text);
  InputRecord result;
  result.topic = targets_[static_cast<std::size_t>(record.topic)]->topic;
  result.partition = -1;
  result.offset = -1;
  result.timestamp = record.timestamp;
  result.key = record.key;
  result.value = record.value;
  result.headers = record.headers;
  current_record_ = &result;
  discard(counter, text);
  current_record_ = nullptr;
}

DiscardCounter& Task::discards(std::string_view reason) {
  const std::string step = starting_ != nullptr ? starting_->name : "";
  for (const auto& known : discards_) {
    if (known->reason == reason && known->step == step) return *known;
  }
  discards_.push_back(std::make_unique<Discard>());
  discards_.back()->reason = reason;
  discards_.back()->step = step;
  discards_.back()->answer = answer_to(reason);
  return *discards_.back();
}

OnError Task::answer_to(std::string_view reason) const {
  const bool keeps = dead_letter_topic_ >= 0;
  if (reason == "duplicate") {
    return keeps && errors_.keep_duplicates ? OnError::dead_letter : OnError::drop;
  }
  const bool late = reason == "late";
  const OnError wanted = late ? errors_.late : errors_.record;
  if (wanted != OnError::automatic) return wanted;
  if (keeps) return OnError::dead_letter;
  // Nothing is wrong with a record that came late or that nobody can be its partner.
  return late || reason == "null_key" ? OnError::drop : OnError::stop;
}

void Task::discard(DiscardCounter& counter, std::string_view text) {
  auto& discard = static_cast<Discard&>(counter);
  ++discard.records;
  // A result that a closing window forwarded is no input record: there are no bytes to keep.
  if (discard.answer == OnError::drop || current_record_ == nullptr) return;
  if (discard.answer == OnError::stop) {
    throw JobStopped(discard.reason + " in '" + discard.step + "': " + std::string(text) + " (" +
                     std::string(current_record_->topic) + ", partition " +
                     std::to_string(current_record_->partition) + ", offset " +
                     std::to_string(current_record_->offset) +
                     "); name a dead-letter topic to go on without such records");
  }
  ++discard.dead;
  send_dead_letter({options_.job, discard.step, discard.reason, text}, *current_record_,
                   dead_letter_topic_, output_);
}

void Task::refuse(DiscardCounter& counter, std::string_view text) {
  refused_ = true;
  discard(counter, text);
}

Counters Task::count(bool committed) const {
  Counters counters;
  for (const auto& input : inputs_) {
    if (input->is_repartition()) continue;
    counters.in[input->spec.topic].add(committed ? input->committed_in : input->in);
  }
  for (const auto& target : targets_) {
    if (!target || !target->is_sink) continue;
    counters.out[target->topic].add(committed ? target->committed_out : target->out);
    if (target->end_to_end.count() > 0) counters.end_to_end[target->topic] = target->end_to_end;
  }
  for (const auto& [topic, flow] : counters.in) counters.records_in += flow.records;
  for (const auto& [topic, flow] : counters.out) counters.records_out += flow.records;
  for (const auto& discard : discards_) {
    const std::uint64_t records = committed ? discard->committed : discard->records;
    const std::uint64_t dead = committed ? discard->committed_dead : discard->dead;
    if (records > 0) counters.discarded[discard->reason] += records;
    if (records > 0) counters.discarded_by_step[{discard->step, discard->reason}] += records;
    if (dead > 0) counters.dead_by_reason[discard->reason] += dead;
    counters.dead_letters += dead;
  }
  return counters;
}

AppSnapshot::Input Task::look(int input) const {
  const RunningInput& running = *inputs_[static_cast<std::size_t>(input)];
  AppSnapshot::Input seen;
  seen.topic = running.spec.topic;
  seen.partition = id_.partition;
  seen.is_source = !running.is_repartition();
  seen.time = running.reached();
  seen.idle = seen.is_source && running.clock.idle();
  seen.queued = running.queue.size();
  return seen;
}

}  // namespace weir::engine
