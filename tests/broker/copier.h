// The smallest worker that is worth the name: copies a topic record by record to another one,
// partition by partition, exactly once. It shows how the seam is meant to be used, and proves the
// promises together that the contract tests prove one by one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "broker/contract.h"

namespace weir::tests {

class Copier {
 public:
  struct Options {
    std::string from;
    std::string to;
    std::string group;
    std::string instance;  // Also the transactional id. Static member when `is_static`.
    bool is_static = true;
    Duration session{6'000};
    Duration wait{1'000};
    std::size_t batch = 50;
  };

  Copier(kafka::Cluster& cluster, Options options)
      : cluster_(cluster), options_(std::move(options)) {
    consumer_ = std::move(cluster_
                              .consumer({.group = options_.group,
                                         .instance_id = options_.is_static ? options_.instance : "",
                                         .topics = {options_.from},
                                         .session_timeout = options_.session})
                              .value);
  }

  bool is_dead() const { return dead_; }  // Fenced by a newer life: only a new process helps.
  std::uint64_t commits() const { return commits_; }
  void close() { consumer_->close(Duration{10'000}); }

  // One round of the loop.
  void step() {
    if (dead_) return;
    const auto events = consumer_->poll(Duration{2});
    for (const Event& event : std::vector<Event>(events.begin(), events.end())) on(event);
    if (dead_ || !make_producer()) return;
    if (state_ == State::kCommitting) return advance_commit();
    if (state_ == State::kAborting) return abort();
    if (assigned_ && !started_) start();
    if (started_) copy();
  }

 private:
  enum class State : std::uint8_t { kCopying, kCommitting, kAborting };

  void on(const Event& event) {
    switch (event.kind) {
      case Event::Kind::kAssigned:
        partitions_ = event.partitions;
        assigned_ = true;
        started_ = false;
        break;
      case Event::Kind::kRevoked:
      case Event::Kind::kLost:
        // Nothing is open between two rounds but a commit under way: it is fenced or it is not.
        assigned_ = started_ = false;
        partitions_.clear();
        consumer_->release();
        break;
      case Event::Kind::kFailed:
        dead_ = true;
        break;
      default:
        break;
    }
  }

  bool make_producer() {
    if (producer_ == nullptr) {
      producer_ = std::move(cluster_.producer({.transactional_id = options_.instance}).value);
      initialised_ = false;
      state_ = State::kCopying;
    }
    if (initialised_) return true;
    if (!producer_->init(options_.wait).ok()) return false;
    auto opened = producer_->open(options_.to, options_.wait);
    if (!opened.ok()) return false;
    to_ = opened.value;
    initialised_ = true;
    return true;
  }

  void start() {
    auto committed = consumer_->committed(partitions_, options_.wait);
    if (!committed.ok()) return;
    next_.clear();
    std::vector<kafka::Start> starts;
    for (kafka::Slot slot = 0; slot < partitions_.size(); ++slot) {
      next_.push_back(std::max<std::int64_t>(0, committed.value[slot].offset));
      starts.push_back({partitions_[slot], next_.back(), slot});
    }
    consumer_->accept(starts);
    started_ = true;
  }

  void copy() {
    std::vector<Position> progress;
    for (kafka::Slot slot = 0; slot < partitions_.size(); ++slot) {
      const kafka::Batch batch = consumer_->read(slot, options_.batch);
      if (batch.next_offset == next_[slot]) continue;
      for (const kafka::Incoming& record : batch.records) {
        if (!write(slot, record)) return;
      }
      next_[slot] = batch.next_offset;
      progress.push_back({partitions_[slot], batch.next_offset});
    }
    if (progress.empty()) return;
    if (!begun_) begin();
    progress_ = std::move(progress);
    membership_ = consumer_->group_metadata();
    offsets_sent_ = false;
    state_ = State::kCommitting;
    advance_commit();
  }

  bool write(kafka::Slot slot, const kafka::Incoming& record) {
    if (!begun_ && !begin()) return false;
    for (int attempt = 0; attempt < 1000; ++attempt) {
      const Outcome put = producer_->produce({.topic = to_,
                                              .partition = partitions_[slot].index,
                                              .key = record.key,
                                              .value = record.value,
                                              .timestamp = record.timestamp});
      if (put.ok()) return true;
      if (put.fault != Fault::kRetriable) {
        fall_back(put);
        return false;
      }
      producer_->poll();
    }
    fall_back({Fault::kAbort, "the queue stays full"});
    return false;
  }

  bool begin() {
    const Outcome begun = producer_->begin();
    if (!begun.ok()) fall_back(begun);
    begun_ = begun.ok();
    return begun_;
  }

  void advance_commit() {
    if (!offsets_sent_) {
      const Outcome sent = producer_->send_offsets(progress_, membership_, options_.wait);
      if (!sent.ok()) return fall_back(sent);
      offsets_sent_ = true;
    }
    const Outcome done = producer_->commit(options_.wait);
    if (!done.ok()) return fall_back(done);
    begun_ = false;
    state_ = State::kCopying;
    ++commits_;
  }

  void fall_back(const Outcome& why) {
    switch (why.fault) {
      case Fault::kRetriable:
        return;
      case Fault::kAbort:
      case Fault::kStale:
        state_ = State::kAborting;
        return abort();
      default:  // The producer is gone, its transaction is not: the next one's init ends it.
        producer_.reset();
        begun_ = false;
        state_ = State::kCopying;
        started_ = false;
    }
  }

  void abort() {
    if (begun_) {
      const Outcome aborted = producer_->abort(options_.wait);
      if (aborted.fault == Fault::kRetriable) return;
      if (!aborted.ok()) producer_.reset();
    }
    begun_ = false;
    state_ = State::kCopying;
    started_ = false;  // Starts again at what is committed.
  }

  kafka::Cluster& cluster_;
  const Options options_;
  std::unique_ptr<kafka::Consumer> consumer_;
  std::unique_ptr<kafka::Producer> producer_;
  kafka::TopicId to_ = 0;
  State state_ = State::kCopying;
  bool initialised_ = false;
  bool begun_ = false;
  bool assigned_ = false;
  bool started_ = false;
  bool offsets_sent_ = false;
  bool dead_ = false;
  std::vector<Partition> partitions_;
  std::vector<std::int64_t> next_;
  std::vector<Position> progress_;
  std::string membership_;
  std::uint64_t commits_ = 0;
};

}  // namespace weir::tests
