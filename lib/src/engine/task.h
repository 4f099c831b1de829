// A task: one sub-topology on one partition. Single-threaded; it never waits, never asks for the
// time, and talks to the world through TaskOutput and the stores only.
//
// The life of a record: add() -> (queue) -> decode -> its time counts (time_first) -> stages ->
// TaskOutput. The life of a commit: before_commit(), then the engine writes changelogs and
// commits, then the task goes on; or aborted(), and the task is as of its last commit.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "engine/counters.h"
#include "engine/held_letter.h"
#include "engine/input_clock.h"
#include "engine/input_queue.h"
#include "engine/step_watch.h"
#include "state/environment.h"
#include <weir/stage.h>
#include <weir/topology.h>

namespace weir::engine {

struct TaskId {
  int sub_topology = 0;
  int partition = 0;
  auto operator<=>(const TaskId&) const = default;
};

// Where a task's records go.
class TaskOutput {
 public:
  virtual ~TaskOutput() = default;
  // A number for a topic; `repartition` topics belong to the job and are named after it.
  virtual int open(std::string_view topic, bool repartition) = 0;
  virtual int partitions(int topic) const = 0;
  virtual void send(const OutputRecord& record) = 0;
  // Why the broker would not take a result, known before it is asked: null when it will. Reasons
  // are those of dead letters; see OutputLimits.
  virtual const char* refusal(const OutputRecord&, Timestamp /*now*/) const { return nullptr; }
};

// A record that ends the job: its kind of error is set to OnError::stop.
class JobStopped : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Task final : private TaskContext {
 public:
  struct Options {
    std::string job;
    int tasks = 1;             // Of the same sub-topology.
    Timestamp wall_clock = 0;  // Now.
    // Whether the time of silent source partitions follows the clock, where the plan says so.
    bool idle_by_clock = true;
  };
  // One input: a partition of a topic that this task reads.
  struct Input {
    std::string topic;
    bool repartition = false;
  };

  // REQUIRES: all three outlive the task; the stores are restored.
  Task(const Topology& topology, TaskId id, Options options, state::Environment& stores,
       TaskOutput& output);
  ~Task();

  const TaskId& id() const { return id_; }
  int inputs() const { return static_cast<int>(inputs_.size()); }
  Input input(int at) const;

  // Takes up what was committed beside the offset of an input.
  void resume(int input, std::string_view state);

  // The next record of an input: processed at once where the task has one input, else queued. The
  // views need to live only during the call.
  void add(int input, const InputRecord& record);
  // The same where the views live until the record is processed, or aborted() is called.
  void add_view(int input, const InputRecord& record);
  // What is added to an input from now on was read at `now`: for latencies, nothing else.
  void reading(int input, Timestamp now);
  // The last answer about the end of the input: nothing lay behind the records given so far.
  void at_end(int input, bool at_end);
  // Processes queued records in the order of their times, as far as the inputs allow; at most
  // `records_max`. Returns how many.
  std::size_t process(std::size_t records_max);
  std::size_t queued_records(int input) const;
  std::size_t queued_bytes(int input) const;

  // The wall clock stands at `now`: idle inputs, punctuation.
  void tick(Timestamp now);
  // The end of input is the end of time. REQUIRES: everything was processed.
  void drain();

  // Whether a commit would write anything: records were processed or time has moved.
  bool has_news() const;
  bool wants_commit() const { return commit_soon_; }
  void before_commit();
  // The offset behind the last processed record of an input, or -1 before the first; and the state
  // to commit beside it.
  std::int64_t position(int input) const;
  std::string state(int input) const;
  // Dead letters whose originals lie in source topics: before the commit each of them is written
  // with its original, or with null when that cannot be had any more.
  const std::vector<HeldLetter>& held_letters() const { return held_; }
  void send_letter(const HeldLetter& letter, const InputRecord* original);
  void committed(Timestamp now);
  // What was done since the last commit is forgotten, queues included; inputs are read again from
  // their committed positions, and resume() is called for each.
  void aborted();

  Timestamp time() const { return time_; }
  bool caught_up() const;
  // What was done since the task was made; what was aborted does not count.
  Counters counters() const { return count(false); }
  // Of that, what is committed.
  Counters committed_counters() const { return count(true); }
  // What is known of an input, to be shown.
  AppSnapshot::Input look(int input) const;
  // Adds what its stages have done, as far as it is committed.
  void look_at_steps(std::map<std::string, AppSnapshot::Step>& into) const;
  // Who looks at its records from now on; null: nobody.
  void watch(RecordWatcher* watcher) { watch_.set_watcher(watcher); }

 private:
  struct RunningInput;
  struct Discard;
  struct Target;
  struct RunningStage {
    std::unique_ptr<Stage> stage;
    const StageSpec* spec;
    std::int64_t lag_ms;
    int marker_topic;  // Of a repartition write.
    Marker told;       // The last marker that was sent.
    bool told_any;
    std::vector<OutputMeter*> inputs{};   // By input of its plan.
    std::vector<OutputMeter*> outputs{};  // That lead anywhere.
  };

  // TaskContext.
  BytesStore& store(std::string_view name) override;
  int output(std::string_view topic) override;
  void send(const OutputRecord& record) override;
  void time_first() override;
  using TaskContext::discards;
  DiscardCounter& discards(std::string_view reason, std::string_view step) override;
  std::string_view step() const override;
  void discard(DiscardCounter& counter, std::string_view text) override;
  void refuse(DiscardCounter& counter, std::string_view text) override;
  const Origin* origin() const override;
  int partition() const override { return id_.partition; }
  int upstream_tasks() const override { return options_.tasks; }
  Timestamp wall_clock() const override { return now_; }
  void commit_soon() override { commit_soon_ = true; }

  Counters count(bool committed) const;
  void note_late();
  void refuse_result(const OutputRecord& record, const char* reason);
  void make_stages(const Topology& topology);
  void connect_stages(const Topology& topology);
  void init_stages();
  OnError answer_to(std::string_view reason) const;

  void process_record(RunningInput& input, const InputRecord& record);
  void take_marker(RunningInput& input, const InputRecord& record);
  bool decode(RunningInput& input, const InputRecord& record);
  Status decode_timed(RunningInput& input, const InputRecord& record);
  void forward(RunningInput& input);
  bool show_head(RunningInput& input);
  void add_only(RunningInput& running, const InputRecord& record);
  RunningInput* next_input();
  bool may_go_first(const RunningInput& first) const;
  void update_time();
  void update_time_of_all();
  void advance(Timestamp time);
  void tell_time(RunningStage& running, bool by_record);
  void write_markers();
  Marker marker_now() const;

  const ErrorPolicy& errors_;
  const TaskId id_;
  const Options options_;
  state::Environment& stores_;
  TaskOutput& output_;
  std::vector<RunningStage> stages_;  // In topological order.
  std::vector<RunningStage*> timed_;  // Those of them that want to hear the time.
  std::vector<std::unique_ptr<RunningInput>> inputs_;
  std::vector<std::unique_ptr<Discard>> discards_;
  Discard* decode_errors_ = nullptr;
  const StageSpec* starting_ = nullptr;  // The stage whose init() runs.
  int dead_letter_topic_ = -1;
  std::vector<std::unique_ptr<Target>> targets_;  // By topic number.

  StepWatch watch_;
  Timestamp now_;
  Timestamp time_ = kNoTime;
  RunningInput* current_ = nullptr;  // Whose record is being processed.
  const InputRecord* current_record_ = nullptr;
  mutable Origin origin_;  // Scratch.
  std::vector<HeldLetter> held_;
  std::size_t held_bytes_ = 0;
  bool time_counted_ = true;
  bool refused_ = false;
  bool news_ = false;
  bool commit_soon_ = false;
  std::string scratch_;
};

}  // namespace weir::engine
