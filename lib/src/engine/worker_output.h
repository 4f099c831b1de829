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
  void add_sink(std::string name, std::unique_ptr<Sink> sink);

  kafka::TopicId id_of(std::string_view topic) const;
  int partitions(kafka::TopicId topic) const {
    return is_sink(topic) ? 1 : producer_.partitions(topic);
  }
  // Throws ProducerTrouble.
  void send(const kafka::Outgoing& record);
  void send_to_sink(const OutputRecord& record);
  bool is_sink(kafka::TopicId topic) const { return topic >= topics_; }
  // As TaskOutput::refusal.
  const char* refusal(const OutputRecord& record, Timestamp now) const;
  // A dead letter is written whatever its time and size: as near as the brokers take.
  void fit(kafka::Outgoing& record, Timestamp now) const;

  const std::string& job() const { return job_; }
  bool transaction_open() const { return open_; }
  void transaction_ended() { open_ = false; }
  void begin();

  // ---- Sinks -----------------------------------------------------------------------------------
  bool has_sinks() const { return !sinks_.empty(); }
  // A sink has more than it should: nothing more may be processed before a commit.
  bool sinks_full() const;
  SinkQueue::Progress flush_sinks();
  SinkQueue::Progress write_full_sinks();
  void abort_sinks();
  const std::string& sink_trouble() const { return sink_trouble_; }
  // By the sinks, since the start: what they refused, and how often they said `again`.
  const Counters& refused() const { return refused_; }
  std::map<std::string, std::uint64_t> sink_retries() const;

 private:
  void refused_by_sink(const std::string& sink, const SinkRecord& record, std::string_view why);
  SinkQueue::Progress note(const SinkQueue& sink, SinkQueue::Progress progress);

  const std::string job_;
  const Layout& layout_;
  kafka::Producer& producer_;
  const bool transactional_;
  bool open_ = false;
  std::map<std::string, kafka::TopicId, std::less<>> ids_;
  kafka::TopicId topics_ = 0;  // Numbers from here on are sinks.
  std::vector<OutputLimits> limits_;
  std::vector<std::unique_ptr<SinkQueue>> sinks_;
  std::string sink_trouble_;
  Counters refused_;
};

// The side of it that one task sees.
class TaskPort final : public TaskOutput {
 public:
  TaskPort(WorkerOutput& output, int home) : output_(output), home_(home) {}
  // The wall clock stands at `now`.
  void tick(Timestamp now) { now_ = now; }
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
};

}  // namespace weir::engine
