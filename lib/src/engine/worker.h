// A worker: one consumer, one producer, and the tasks whose partitions the group gave it. Its loop
// is a function that is called; one thread calls it. The simulator calls many workers from one
// thread under a virtual clock.
//
//   Worker worker(topology, layout, options, cluster, now);
//   while (worker.turn(now(), 20ms) == Worker::Health::good) {}
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/layout.h"
#include "engine/originals.h"
#include "engine/restore.h"
#include "engine/task.h"
#include "engine/worker_output.h"
#include "kafka/client.h"
#include <weir/app_snapshot.h>
#include <weir/app_status.h>
#include <weir/sink.h>

namespace weir::engine {

enum class Guarantee { exactly_once, at_least_once };

// The place of an Error by which `open_stores` says that a state is not this topology's.
inline constexpr std::size_t kDoesNotFit = 0;
// And by which it says that another worker of this process still has it: asked again.
inline constexpr std::size_t kInUseHere = 1;

// For one answer of a broker; then the loop goes round.
inline constexpr Duration kRequestWait{1000};

// Brokers let no transaction last for longer than 15 minutes.
inline constexpr Duration kCommitEveryMax{10 * 60 * 1000};

struct WorkerOptions {
  std::string job;
  std::string instance_id;  // Lasting: of the state directory. Names the producer, too.
  int index = 0;            // Of the worker in its instance.
  bool static_membership = true;
  Guarantee guarantee = Guarantee::exactly_once;
  Duration commit_every{100};
  Duration tick_every{10};  // How often tasks hear what time it is.
  Duration session_timeout{45'000};
  std::size_t batch_records_max = 256;  // Also of those that wait for another input.
  // Where reading starts when nothing is committed: kNoTime earliest, kEndOfTime latest.
  Timestamp from = kNoTime;
  // Commits also when nothing but control records was read, so that the group's offsets come to
  // the very ends of the topics.
  bool commit_tails = false;
  // Whether silent partitions follow the clock, where the plan says so.
  bool idle_by_clock = true;
  // The disk follows at most this much later than a commit; zero: only when memory is full.
  Duration flush_every{0};
  std::size_t dirty_bytes_max = std::size_t{32} << 20;  // Of all stores; then it commits early.
  // What restores hold in memory, all together; then it goes to the disks.
  std::size_t restore_bytes_max = std::size_t{256} << 20;
  // Result topics of the plan that are sinks, as the layout has it.
  std::map<std::string, OpenSink> sinks{};
  // Hears of the stores of a task when they are opened, and, with null, before they are closed.
  std::function<void(TaskId, state::Environment*)> on_stores{};
  // For the log: level as syslog's, and a line.
  std::function<void(int, std::string_view)> log{};
  // Opens the stores of a task.
  std::function<Result<std::unique_ptr<state::Environment>>(TaskId, const std::string&)>
      open_stores;
};

class Worker {
 public:
  enum class Health {
    good,
    replace,  // Fenced or broken: throw this worker away and make another.
    stopped,  // stop() has done its work.
    failed,   // No other worker would do better: error() and fault() say why.
  };

  // REQUIRES: all of it outlives the worker; the layout's topics exist.
  Worker(const Topology& topology, const Layout& layout, WorkerOptions options,
         kafka::Cluster& cluster, Timestamp now);
  ~Worker();

  // One turn of the loop. Waits for records at most `wait` when there is nothing to do.
  Health turn(Timestamp now, Duration wait);

  // Commits and leaves; further turns do the work, until `stopped`.
  void stop() { stopping_ = true; }
  // Commits in the next turn, if there is anything to commit.
  void commit_soon() { commit_asked_ = true; }
  // The end of input is the end of time: closes everything that is open. REQUIRES: the only member.
  void drain();
  bool drained() const;

  // Whether everything there was has been processed and committed.
  bool idle() const;
  // Tasks assigned and all of them restored.
  bool running() const { return joined_ && !assigned_ && restoring_.empty(); }
  const std::string& error() const { return error_; }
  AppFault fault() const { return fault_; }
  bool restoring() const { return !restoring_.empty(); }
  // Who looks at records between stages from now on; null: nobody.
  void watch(std::shared_ptr<RecordWatcher> watcher);
  // Adds what there is to tell, for someone on another thread.
  void look(AppSnapshot& into) const;
  // What it is doing, in a word or two: for logs and for people.
  std::string doing() const;
  Counters counters() const;
  // Without what is not committed yet.
  Counters committed_counters() const;
  // Goes up whenever a turn has changed anything.
  std::uint64_t steps() const { return steps_; }
  std::size_t tasks() const { return tasks_.size(); }
  // How long it was held back by sinks so far.
  double held_seconds() const { return static_cast<double>(held_ms_) / 1e3; }
  std::uint64_t aborts() const { return aborts_; }
  std::uint64_t commits() const { return commits_; }
  std::uint64_t restored() const { return restored_; }
  // Calls `visit(task, stores)` for each task that runs.
  template <class F>
  void each_task(F visit) const;

 private:
  struct Input {
    kafka::Partition partition;
    kafka::Slot slot = 0;
    std::int64_t committed = kafka::kNoOffset;
    bool is_told = false;                  // The group knows `committed`.
    std::string state{};                   // Committed beside the offset.
    std::int64_t next = kafka::kNoOffset;  // Behind what was read.
  };
  struct Running {
    TaskId id;
    std::vector<std::string> store_names;
    std::unique_ptr<state::Environment> stores;
    std::unique_ptr<TaskPort> port;
    std::unique_ptr<Task> task;
    std::vector<Input> inputs;
    std::unique_ptr<Restore> restore;
    bool drained = false;
    bool in_commit = false;  // Its changes are part of the commit that is under way.
    Timestamp flushed = 0;
    std::uint64_t restored = 0;
    Timestamp moved = kNoTime;        // When its restore last did.
    std::vector<SinkQueue*> sinks{};  // That its results go to.
    SinkSource source{};
    SinkStart results{};        // Of those for sinks, what is committed.
    std::int64_t begun_at = 0;  // Where this worker has taken them up.

    // Assigned and restored. Before that, a task that came back knows nothing of its inputs: what
    // it would commit beside their offsets is not theirs.
    bool is_at_work() const { return task && !inputs.empty() && !restore; }
  };
  // A commit that is under way: Kafka may ask for patience at each step.
  enum class Committing { no, sinks, letters, offsets, transaction, flush, group };

  bool start();
  void take_events(Duration wait);
  void assign();
  using Wanted = std::map<TaskId, std::vector<Input>>;
  bool open_wanted(const Wanted& wanted);
  void take_up(TaskId id, std::vector<Input> inputs);
  std::vector<std::string> input_topics(int sub_topology) const;
  std::optional<std::int64_t> first_offset(const kafka::Partition& partition);
  bool open_stores(Running& running);
  void close_unassigned(const Wanted& wanted);
  void count_gone(const Task& task);
  void unassign();
  void restore_tasks();
  void bound_restores();
  void begin_task(Running& running);
  void drain_tasks();
  void resume_inputs(Running& running);

  void tick_tasks();
  bool read_and_process();
  bool feed(Running& running);
  void give(Running& running, std::size_t input, const kafka::Incoming& record);

  void work();
  void look_at_gone();
  void revoke();
  void leave();
  bool has_news() const;
  Duration patience(Duration wait) const;
  void begin_commit();
  void join_commit(Running& running);
  void gather_commit();
  void write_changelog(Running& running);
  void look_for_originals();
  bool write_letters();
  void continue_commit();
  void finish_commit();
  void answer(const kafka::Outcome& outcome, const char* doing);
  void abort();
  bool abort_is_stuck();
  void rewind();
  void note_refused();
  // ---- Sinks: worker_sinks.cpp -----------------------------------------------------------------
  bool open_sinks();
  void find_sinks(Running& running);
  static bool is_held(const Running& running);
  bool stands_still(const Running& running) const;
  static bool is_full(const Running& running);
  std::size_t batch_max(const Running& running) const;
  void resume_sinks(Running& running);
  void release_sinks(Running& running);
  void serve_sinks();
  bool flush_sinks();
  void work_meanwhile();
  void sink_said(SinkQueue::Progress progress);

  void flush_stores();
  bool has_tail(const Running& running) const;
  std::size_t dirty_bytes() const;
  void log(int level, const std::string& text) const;
  void look_at(const Running& running, AppSnapshot& into) const;
  void note_turn();
  void fail(AppFault fault, std::string why);
  bool commit_due() const;

  const Topology& topology_;
  const Layout& layout_;
  const WorkerOptions options_;
  kafka::Cluster& cluster_;
  Timestamp now_;
  std::unique_ptr<kafka::Admin> admin_;
  std::unique_ptr<kafka::Producer> producer_;
  std::unique_ptr<kafka::Consumer> consumer_;
  std::unique_ptr<WorkerOutput> output_;
  std::unique_ptr<Originals> originals_;

  bool ready_ = false;   // The producer is initialised and its topics are open.
  bool joined_ = false;  // An assignment was given, be it empty.
  bool revoking_ = false;
  bool stopping_ = false;
  bool draining_ = false;
  bool aborting_ = false;
  Timestamp abort_begun_ = kNoTime;  // While the brokers do not answer to it.
  bool commit_asked_ = false;
  Health health_ = Health::good;
  AppFault fault_ = AppFault::none;
  std::string error_;

  std::vector<std::pair<kafka::Partition, std::string>> gone_;  // Offsets that are not there.
  bool assigned_ = false;  // `assignment_` was given and is not taken up yet.
  std::vector<kafka::Partition> assignment_;
  std::map<TaskId, std::unique_ptr<Running>> tasks_;
  std::set<TaskId> restoring_;
  Committing committing_ = Committing::no;
  std::vector<kafka::Position> committing_positions_;
  std::vector<std::pair<Task*, const HeldLetter*>> letters_;  // Of this commit.
  Timestamp last_commit_;
  Timestamp last_tick_;
  Timestamp sink_again_ = kNoTime;  // When a sink that said `again` is asked again.
  Timestamp next_probe_ = kNoTime;  // When those that are away are asked.
  Timestamp last_settle_ = 0;       // When sinks last heard that all is committed.
  Timestamp said_at_ = 0;           // When `said_` was logged.
  std::string said_;
  Timestamp commit_begun_ = 0;
  std::chrono::steady_clock::time_point commit_clock_{};  // The same; a turn's time stands still.
  bool busy_ = false;                                     // The last turn found something to do.
  int refused_in_a_row_ = 0;  // Commits that failed because brokers refuse a record.
  std::string refused_;       // And what they said.
  Counters counted_;          // By tasks that are gone.
  std::map<std::string, AppSnapshot::Step> counted_steps_;
  std::shared_ptr<RecordWatcher> watcher_;
  std::string changelog_value_;  // Scratch.
  Histogram commit_seconds_;
  std::uint64_t aborts_ = 0;
  std::uint64_t rebalances_ = 0;
  std::uint64_t revocations_ = 0;
  std::uint64_t losses_ = 0;
  // Partitions came whose tasks are not all at work yet.
  std::optional<std::chrono::steady_clock::time_point> rebalance_begun_{};
  Histogram rebalance_seconds_;
  bool held_back_ = false;  // By a sink, since the last turn.
  std::int64_t held_ms_ = 0;
  std::uint64_t commits_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t restored_ = 0;
};

template <class F>
void Worker::each_task(F visit) const {
  for (const auto& [id, running] : tasks_) visit(*running->task, *running->stores);
}

}  // namespace weir::engine
