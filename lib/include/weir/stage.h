// Stages: the running form of operators. A task instantiates them from the plan and wires them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <typeindex>
#include <vector>

#include <weir/bytes_store.h>
#include <weir/error.h>
#include <weir/record.h>
#include <weir/time.h>

namespace weir {

// The one interface records cross. A stage implements it once per input port.
template <class R>
class Receiver {
 public:
  virtual void receive(const R& record) = 0;

 protected:
  ~Receiver() = default;
};

// A record on its way to a topic.
struct OutputRecord {
  int topic = 0;       // What TaskContext::output() returned for the topic's name.
  int partition = -1;  // -1: by the key, as Java's default partitioner does.
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  Timestamp timestamp = 0;
  Headers headers{};
};

// Where a record came into the job, however many repartition topics ago: a place in a source topic.
struct Origin {
  std::uint32_t topic = 0;  // A hash of its name.
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  bool operator==(const Origin&) const = default;
};

// Counts records that left for one reason. Plain: one thread owns a task.
struct DiscardCounter {
  std::string reason;
  std::uint64_t records = 0;
};

struct OutputMeter;

// Hears of the records that leave by an output, as long as the output's meter says so: a clock, or
// somebody who looks.
class OutputWatch {
 public:
  // `record` is a Record of the type `type`.
  virtual void on_record(const OutputMeter& output, std::type_index type, const void* record) = 0;
  // It goes to the stage with this number, and has been there.
  virtual void enter(int stage) = 0;
  virtual void leave() = 0;

 protected:
  ~OutputWatch() = default;
};

// What left by one output of a stage. Plain: one thread owns a task.
struct OutputMeter {
  std::uint64_t records = 0;
  OutputWatch* watch = nullptr;
  // Set by the task that connects the stages.
  int stage = 0;                // Whose output it is: its place in the topology.
  int output = 0;               // Which one.
  std::vector<int> children{};  // Numbers for enter().
};

// What a stage sees of the task that runs it. The views it returns live as long as the task.
class TaskContext {
 public:
  // The store of that name. REQUIRES: the stage's plan declares it.
  virtual BytesStore& store(std::string_view name) = 0;

  // The number of an output topic, for OutputRecord::topic.
  virtual int output(std::string_view topic) = 0;
  virtual void send(const OutputRecord& record) = 0;

  // Lets the time of the record that is being processed count before it is processed: windows that
  // it closes are written first. Each stage with state calls this when a record reaches it; the
  // first call per record does the work. A record that is refused before it reaches such a stage
  // does not move time.
  virtual void time_first() = 0;

  // A counter of records that leave for `reason` in the calling stage. Outside of init() a stage
  // has to say its step().
  virtual DiscardCounter& discards(std::string_view reason, std::string_view step) = 0;
  DiscardCounter& discards(std::string_view reason) { return discards(reason, step()); }
  virtual std::string_view step() const = 0;  // The name of the stage whose init() runs.
  // Counts the record that is being processed and, when the job keeps dead letters of this kind,
  // writes it there with its original bytes: those that its source topic holds. `text` says what
  // was wrong.
  virtual void discard(DiscardCounter& counter, std::string_view text) = 0;
  // As discard, for a record that must not move time: its partition's time stays what it was.
  virtual void refuse(DiscardCounter& counter, std::string_view text) = 0;

  // Of the record that is being processed, to go with it through a repartition topic: its dead
  // letter holds what lies there. Null: it has none, or the job has no dead letters.
  virtual const Origin* origin() const { return nullptr; }

  virtual int partition() const = 0;         // Of the task.
  virtual int upstream_tasks() const = 0;    // How many tasks this sub-topology has.
  virtual Timestamp wall_clock() const = 0;  // As handed in at the last step of the engine.
  virtual void commit_soon() = 0;            // Something is full: commit at the next chance.

 protected:
  ~TaskContext() = default;
};

// What the engine knows about a running stage. Nothing but `receive` is called per record, except
// on_time, which is called whenever the stage's time has advanced.
class Stage {
 public:
  virtual ~Stage() = default;

  // A `Receiver<record>*` for the port, or null when the port takes another type or is not there.
  virtual void* input(int port, std::type_index record) = 0;
  // Connects an output with an input of `child`. False when the types differ.
  virtual bool connect(int output, Stage& child, int port) = 0;
  // The output that was connected with this stage last.
  OutputMeter* fed_by() const { return fed_by_; }

  virtual void init(TaskContext&) {}
  // Whether on_time is of any use to this stage. Asked once, after init().
  virtual bool wants_time() const { return true; }
  // Stream time has reached `time`, which only grows: close what is due. kEndOfTime: input ended.
  virtual void on_time(Timestamp) {}
  // The wall clock stands at `now`. For processors that asked for it.
  virtual void on_wall_clock(Timestamp) {}
  // Before a commit: everything held in memory goes to the stores, partials are forwarded.
  virtual void before_commit() {}
  // After an abort: everything held in memory is forgotten; the stores are as of the last commit.
  virtual void forget() {}
  // The oldest time this stage's output may still carry, behind its input's time: the grace of a
  // window, since a result appears that much later than its records.
  virtual Duration lag() const { return Duration{0}; }
  // Windows and sessions that are not closed yet, about: to be shown.
  virtual std::uint64_t open_windows() const { return 0; }

 private:
  template <class R>
  friend class Output;
  OutputMeter* fed_by_ = nullptr;
};

// The start of a sub-topology: reads records of one topic.
class SourceStage : public Stage {
 public:
  // Decodes into the stage's own slot. On an error nothing was kept.
  virtual Status decode(const InputRecord& record) = 0;
  // The event time of the decoded record.
  virtual Timestamp time() const = 0;
  // How far the record's own partition had come before it, where the record says so itself.
  virtual Timestamp observed() const { return kNoTime; }
  // Of a decoded record that came through a repartition topic with it.
  virtual const Origin* origin() const { return nullptr; }
  bool wants_time() const final { return false; }
  // Passes the decoded record on. REQUIRES: the bytes it was decoded from are still there.
  virtual void forward(Timestamp observed) = 0;
};

// The records of one output of a stage, and who receives them.
template <class R>
class Output {
 public:
  bool connect(Stage& child, int port) {
    void* receiver = child.input(port, typeid(R));
    if (receiver == nullptr) return false;
    children_.push_back(static_cast<Receiver<R>*>(receiver));
    child.fed_by_ = &meter_;
    return true;
  }
  void forward(const R& record) const {
    ++meter_.records;
    if (meter_.watch != nullptr) [[unlikely]]
      return forward_watched(record);
    for (Receiver<R>* child : children_) child->receive(record);
  }

 private:
  void forward_watched(const R& record) const {
    OutputWatch& watch = *meter_.watch;
    watch.on_record(meter_, typeid(R), &record);
    for (std::size_t at = 0; at < children_.size(); ++at) {
      watch.enter(meter_.children[at]);
      children_[at]->receive(record);
      watch.leave();
    }
  }

  mutable OutputMeter meter_;
  std::vector<Receiver<R>*> children_;
};

}  // namespace weir
