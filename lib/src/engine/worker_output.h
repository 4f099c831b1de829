// Where the tasks of a worker write: its producer, and sinks that are no topics. A transaction
// begins with the first record.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/layout.h"
#include "engine/sink_queue.h"
#include "engine/task.h"
#include "kafka/client.h"

namespace weir::engine {

// The producer said something that only the worker can answer.
class ProducerTrouble : public std::runtime_error {
 public:
  explicit ProducerTrouble(kafka::Outcome why)
      : std::runtime_error(why.text), outcome(std::move(why)) {}
  kafka::Outcome outcome;
};

class WorkerOutput {
 public:
  WorkerOutput(std::string job, const Layout& layout, kafka::Producer& producer, bool transactional)
      : job_(std::move(job)), layout_(layout), producer_(producer), transactional_(transactional) {}

  // Opens every topic that may be written. False: not yet, call again.
  bool open_all();
  // REQUIRES: all topics are open; the layout names this sink.
  void add_sink(std::string name, std::vector<std::unique_ptr<Sink>> sinks);

  kafka::TopicId id_of(std::string_view topic) const;
  int partitions(kafka::TopicId topic) const {
    return is_sink(topic) ? 1 : producer_.partitions(topic);
  }
  // Throws ProducerTrouble.
  void send(const kafka::Outgoing& record);
  SinkQueue& sink_of(kafka::TopicId topic) { return *sinks_[topic - topics_]; }
  bool is_sink(kafka::TopicId topic) const { return topic >= topics_; }
  // As TaskOutput::refusal.
  const char* refusal(const OutputRecord& record, Timestamp now) const;
  // A dead letter is written whatever its time and size: as near as the brokers take.
  void fit(kafka::Outgoing& record, Timestamp now) const;

  const std::string& job() const { return job_; }
  bool transaction_open() const { return open_; }
  void transaction_ended() { open_ = false; }
  // What sinks refused counts with the commit, or not at all. `quick`: see SinkQueue.
  void committed(bool quick);
  void begin();

  // ---- Sinks -----------------------------------------------------------------------------------
  bool has_sinks() const { return !sinks_.empty(); }
  const std::vector<std::unique_ptr<SinkQueue>>& sinks() const { return sinks_; }
  // All of them, but for those that are away; what is the worst.
  SinkQueue::Progress flush_sinks();
  SinkQueue::Progress write_sinks(Timestamp now);
  SinkQueue::Progress settle_sinks();
  void abort_sinks();
  // Of those that are away, whether one has come back; `never` if one will not.
  SinkQueue::Progress probe_sinks(bool ask);
  bool sinks_in_flight() const;
  // A sink that is there takes no more before a commit.
  bool out_of_room() const;
  // Until a call that is under way has its answer.
  void wait_for_sinks(Duration longest);
  const std::string& sink_trouble() const { return sink_trouble_; }
  // By the sinks, since the start, of what is committed.
  const Counters& refused() const { return refused_; }

 private:
  void refused_by_sink(const std::string& sink, const SinkRecord& record, std::string_view why);
  template <class Call>
  SinkQueue::Progress each_sink(bool away, Call call);

  const std::string job_;
  const Layout& layout_;
  kafka::Producer& producer_;
  const bool transactional_;
  bool open_ = false;
  std::map<std::string, kafka::TopicId, std::less<>> ids_;
  kafka::TopicId topics_ = 0;  // Numbers from here on are sinks.
  std::vector<OutputLimits> limits_;
  SinkBell bell_;
  std::vector<std::unique_ptr<SinkQueue>> sinks_;
  std::string sink_trouble_;
  Counters refused_;
  Counters refused_now_;  // Not yet committed.
};

// The side of it that one task sees.
class TaskPort final : public TaskOutput {
 public:
  TaskPort(WorkerOutput& output, int home) : output_(output), home_(home) {}
  // The wall clock stands at `now`.
  void tick(Timestamp now) { now_ = now; }
  // Its results for sinks are numbered on behind `number`.
  void count_on(const SinkSource& source, std::int64_t number) {
    source_ = source;
    number_ = number;
  }
  std::int64_t number() const { return number_; }
  int open(std::string_view topic, bool repartition) override;
  int partitions(int topic) const override {
    return output_.partitions(static_cast<kafka::TopicId>(topic));
  }
  void send(const OutputRecord& record) override;
  const char* refusal(const OutputRecord& record, Timestamp now) const override {
    return output_.refusal(record, now);
  }

 private:
  WorkerOutput& output_;
  const int home_;  // Partition of the task: where records without a key go.
  Timestamp now_ = 0;
  SinkSource source_;
  std::int64_t number_ = 0;
};

}  // namespace weir::engine
