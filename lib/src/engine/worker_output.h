// Where the tasks of a worker write: its producer. A transaction begins with the first record.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/layout.h"
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

  kafka::TopicId id_of(std::string_view topic) const;
  int partitions(kafka::TopicId topic) const { return producer_.partitions(topic); }
  // Throws ProducerTrouble.
  void send(const kafka::Outgoing& record);

  const std::string& job() const { return job_; }
  bool transaction_open() const { return open_; }
  void transaction_ended() { open_ = false; }
  void begin();

 private:
  const std::string job_;
  const Layout& layout_;
  kafka::Producer& producer_;
  const bool transactional_;
  bool open_ = false;
  std::map<std::string, kafka::TopicId, std::less<>> ids_;
};

// The side of it that one task sees.
class TaskPort final : public TaskOutput {
 public:
  TaskPort(WorkerOutput& output, int home) : output_(output), home_(home) {}
  int open(std::string_view topic, bool repartition) override;
  int partitions(int topic) const override {
    return output_.partitions(static_cast<kafka::TopicId>(topic));
  }
  void send(const OutputRecord& record) override;

 private:
  WorkerOutput& output_;
  const int home_;  // Partition of the task: where records without a key go.
};

}  // namespace weir::engine
