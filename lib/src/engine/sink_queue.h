// Results on their way to a sink that is no topic: gathered into batches, written before the
// commit. Bounded: who sees full() stops reading.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <weir/sink.h>
#include <weir/stage.h>

namespace weir::engine {

class SinkQueue {
 public:
  // Hears of what the sink does not take for good.
  using Refused = std::function<void(const SinkRecord& record, std::string_view why)>;

  SinkQueue(std::string name, std::unique_ptr<Sink> sink, Refused refused)
      : name_(std::move(name)), sink_(std::move(sink)), refused_(std::move(refused)) {}
  ~SinkQueue();

  const std::string& name() const { return name_; }
  void add(const OutputRecord& record);
  bool full() const { return bytes_.size() >= kBytesMax || records_.size() >= kRecordsMax; }
  bool empty() const { return records_.empty() && !unflushed_; }

  enum class Progress { done, again, never };
  // Writes what there is and waits until it lasts. `again`: call it again later; why() says more.
  Progress flush();
  // Writes what there is, so that the queue does not grow until the commit.
  Progress write();
  // What was added and not written is forgotten.
  void abort();

  const std::string& why() const { return why_; }
  std::uint64_t retries() const { return retries_; }

 private:
  static constexpr std::size_t kRecordsMax = 1000;
  static constexpr std::size_t kBytesMax = std::size_t{1} << 20;

  // Where a record lies in bytes_; a length of kNull: there is none.
  struct Place {
    std::size_t key_at, key_size, value_at, value_size;
    Timestamp timestamp;
  };
  static constexpr std::size_t kNull = static_cast<std::size_t>(-1);

  Progress take(const SinkAnswer& answer);
  std::optional<std::string_view> bytes_at(std::size_t at, std::size_t size) const;

  const std::string name_;
  const std::unique_ptr<Sink> sink_;
  const Refused refused_;
  std::string bytes_;
  std::vector<Place> records_;
  std::vector<SinkRecord> batch_;
  bool unflushed_ = false;
  std::string why_;
  std::uint64_t retries_ = 0;
};

}  // namespace weir::engine
