#include "engine/sink_queue.h"

namespace weir::engine {

SinkQueue::~SinkQueue() { sink_->close(); }

void SinkQueue::add(const OutputRecord& record) {
  const auto put = [&](const std::optional<std::string_view>& part) {
    const std::size_t at = bytes_.size();
    if (part) bytes_.append(*part);
    return std::pair{at, part ? part->size() : kNull};
  };
  const auto [key_at, key_size] = put(record.key);
  const auto [value_at, value_size] = put(record.value);
  records_.push_back({key_at, key_size, value_at, value_size, record.timestamp});
}

std::optional<std::string_view> SinkQueue::bytes_at(std::size_t at, std::size_t size) const {
  if (size == kNull) return std::nullopt;
  return std::string_view(bytes_).substr(at, size);
}

SinkQueue::Progress SinkQueue::write() {
  if (records_.empty()) return Progress::done;
  batch_.clear();
  for (const Place& place : records_) {
    batch_.push_back({bytes_at(place.key_at, place.key_size),
                      bytes_at(place.value_at, place.value_size), place.timestamp});
  }
  const SinkAnswer answer = sink_->write(batch_);
  const Progress progress = take(answer);
  if (progress != Progress::done) return progress;
  for (const SinkRefusal& refusal : answer.refused) {
    check(refusal.record < batch_.size(), "a sink refuses a record that is not in its batch");
    refused_(batch_[refusal.record], refusal.why);
  }
  bytes_.clear();
  records_.clear();
  unflushed_ = true;
  return Progress::done;
}

SinkQueue::Progress SinkQueue::flush() {
  if (const Progress written = write(); written != Progress::done) return written;
  if (!unflushed_) return Progress::done;
  const Progress progress = take(sink_->flush());
  if (progress == Progress::done) unflushed_ = false;
  return progress;
}

void SinkQueue::abort() {
  bytes_.clear();
  records_.clear();
}

SinkQueue::Progress SinkQueue::take(const SinkAnswer& answer) {
  if (answer.what == SinkAnswer::What::done) return Progress::done;
  why_ = "the sink '" + name_ + "': " + answer.why;
  if (answer.what == SinkAnswer::What::never) return Progress::never;
  ++retries_;
  return Progress::again;
}

}  // namespace weir::engine
