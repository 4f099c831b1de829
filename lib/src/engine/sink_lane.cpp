#include "engine/sink_lane.h"

namespace weir::engine {

std::pair<std::size_t, std::size_t> SinkBatch::put(const std::optional<std::string_view>& part) {
  const std::size_t at = bytes_.size();
  if (part) bytes_.append(*part);
  return {at, part ? part->size() : kNull};
}

void SinkBatch::add(const OutputRecord& record, const SinkSource& source, std::int64_t number) {
  const auto [key_at, key_size] = put(record.key);
  const auto [value_at, value_size] = put(record.value);
  places_.push_back({key_at, key_size, value_at, value_size, record.timestamp, source, number});
}

void SinkBatch::clear() {
  bytes_.clear();
  places_.clear();
}

std::optional<std::string_view> SinkBatch::at(std::size_t where, std::size_t size) const {
  if (size == kNull) return std::nullopt;
  return std::string_view(bytes_).substr(where, size);
}

const std::vector<SinkRecord>& SinkBatch::view() {
  view_.clear();
  for (const Place& place : places_) {
    view_.push_back({.key = at(place.key_at, place.key_size),
                     .value = at(place.value_at, place.value_size),
                     .timestamp = place.timestamp,
                     .source = place.source,
                     .number = place.number});
  }
  return view_;
}

SinkLane::SinkLane(std::unique_ptr<Sink> sink, bool own_thread, SinkBell& bell)
    : sink_(std::move(sink)), bell_(bell) {
  if (!own_thread) return;
  thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
}

SinkLane::~SinkLane() {
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
  }
  sink_->close();
}

void SinkLane::begin(Call call, SinkBatch* batch) {
  check(!begun_, "a lane has one call at a time");
  begun_ = true;
  since_ = std::chrono::steady_clock::now();
  if (!thread_.joinable()) {
    call_ = call;
    batch_ = batch;
    answer_ = make_call();
    answered_ = std::chrono::steady_clock::now();
    return;
  }
  const std::lock_guard lock(bell_.mutex);
  call_ = call;
  batch_ = batch;
  asked_ = true;
  work_.notify_one();
}

std::optional<SinkAnswer> SinkLane::take() {
  if (!begun_) return std::nullopt;
  const std::lock_guard lock(bell_.mutex);
  if (!answer_) return std::nullopt;
  begun_ = false;
  took_ = answered_ - since_;
  return std::exchange(answer_, std::nullopt);
}

SinkAnswer SinkLane::make_call() {
  switch (call_) {
    case Call::write:
      return sink_->write(batch_->view());
    case Call::flush:
      return sink_->flush();
    case Call::probe:
      break;
  }
  return sink_->probe();
}

void SinkLane::serve(const std::stop_token& stop) {
  std::unique_lock lock(bell_.mutex);
  while (work_.wait(lock, stop, [this] { return asked_; })) {
    asked_ = false;
    lock.unlock();
    SinkAnswer answer;
    try {
      answer = make_call();
    } catch (const std::exception& thrown) {
      answer = {.what = SinkAnswer::What::never, .why = thrown.what(), .refused = {}};
    }
    lock.lock();
    answer_ = std::move(answer);
    answered_ = std::chrono::steady_clock::now();
    bell_.rung.notify_all();
  }
}

}  // namespace weir::engine
