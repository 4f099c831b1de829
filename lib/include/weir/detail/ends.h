// Where records enter and leave a sub-topology: topics and repartition topics.
// Records of repartition topics are told in detail/layout.h, the markers between them in
// engine/marker.h.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <weir/bytes.h>
#include <weir/detail/call.h>
#include <weir/stage.h>
#include <weir/topic.h>

namespace weir::detail {

inline constexpr char kRepartitionRecord = 1;
inline constexpr char kRepartitionFirst = 2;  // Nothing had been observed before it.
inline constexpr char kRepartitionMarker = 3;
inline constexpr char kRepartitionOrigin = 4;  // Added to a record's form: it tells its origin.

inline constexpr std::size_t kOriginBytesMax = 4 + 2 * kVarintBytesMax;

// Writes where kOriginBytesMax bytes are free, and returns the end of what it wrote.
inline char* put_origin(char* at, const Origin& origin) {
  for (int shift = 24; shift >= 0; shift -= 8) *at++ = static_cast<char>(origin.topic >> shift);
  at = put_varint(at, static_cast<std::uint64_t>(origin.partition));
  return put_varint(at, static_cast<std::uint64_t>(origin.offset));
}
// False: damaged.
inline bool read_origin(std::string_view& in, Origin& origin) {
  constexpr std::size_t kTopicBytes = 4;
  std::uint64_t partition = 0, offset = 0;
  if (in.size() < kTopicBytes) return false;
  origin.topic = 0;
  for (const char byte : in.substr(0, kTopicBytes)) {
    origin.topic = origin.topic << 8 | static_cast<unsigned char>(byte);
  }
  in.remove_prefix(kTopicBytes);
  if (!read_varint(in, partition) || !read_varint(in, offset)) return false;
  if (partition > INT32_MAX || offset > INT64_MAX) return false;
  origin.partition = static_cast<std::int32_t>(partition);
  origin.offset = static_cast<std::int64_t>(offset);
  return true;
}

// The end of the year 9999: the last time that text can name. Beyond it sums of times and windows
// would leave their range.
inline constexpr Timestamp kLastEventTime = 253'402'300'799'999;

// The record's own timestamp is its event time.
struct RecordTime {
  template <class K, class V>
  Timestamp operator()(const Record<K, V>& record) const {
    return record.timestamp;
  }
};

template <class K, class V, class Time>
class TopicSource final : public SourceStage {
 public:
  TopicSource(const Topic<K, V>& topic, Time time)
      : key_decoder_(topic.key->decoder()),
        value_decoder_(topic.value->decoder()),
        time_of_(std::move(time)) {}

  Status decode(const InputRecord& record) override {
    if (Status status = key_decoder_->read(record.key, key_); !status) {
      return Error{"key: " + status.error().text, status.error().hint, status.error().position};
    }
    if (Status status = value_decoder_->read(record.value, value_); !status) return status;
    headers_ = record.headers;
    time_ = call(time_of_, Record<K, V>{key_, value_, record.timestamp, kNoTime, headers_});
    if (time_ < 0 || time_ > kLastEventTime) {
      return Error{"event time " + std::to_string(time_) + " is not between 1970 and 9999"};
    }
    return {};
  }
  Timestamp time() const override { return time_; }
  void forward(Timestamp observed) override {
    output_.forward({key_, value_, time_, observed, headers_});
  }
  void* input(int, std::type_index) override { return nullptr; }
  bool connect(int output, Stage& child, int port) override {
    return output == 0 && output_.connect(child, port);
  }

 private:
  std::unique_ptr<Decoder<K>> key_decoder_;
  std::unique_ptr<Decoder<V>> value_decoder_;
  Time time_of_;
  K key_{};
  V value_{};
  Headers headers_;
  Timestamp time_ = 0;
  Output<Record<K, V>> output_;
};

template <class K, class V>
class TopicSink final : public Stage, public Receiver<Record<K, V>> {
 public:
  explicit TopicSink(const Topic<K, V>& topic)
      : name_(topic.name),
        key_encoder_(topic.key->encoder()),
        value_encoder_(topic.value->encoder()) {}

  void receive(const Record<K, V>& record) override {
    key_.clear();
    value_.clear();
    OutputRecord out;
    out.topic = topic_;
    if (key_encoder_->write(record.key, key_)) out.key = key_;
    if (value_encoder_->write(record.value, value_)) out.value = value_;
    out.timestamp = record.timestamp;
    out.headers = record.headers;
    task_->send(out);
  }
  void* input(int port, std::type_index record) override {
    const bool fits = port == 0 && record == typeid(Record<K, V>);
    return fits ? static_cast<Receiver<Record<K, V>>*>(this) : nullptr;
  }
  bool connect(int, Stage&, int) override { return false; }
  bool wants_time() const override { return false; }
  void init(TaskContext& task) override {
    task_ = &task;
    topic_ = task.output(name_);
  }

 private:
  std::string name_;
  std::unique_ptr<Encoder<K>> key_encoder_;
  std::unique_ptr<Encoder<V>> value_encoder_;
  TaskContext* task_ = nullptr;
  int topic_ = 0;
  std::string key_;
  std::string value_;
};

template <class K, class V>
class RepartitionWrite final : public Stage, public Receiver<Record<K, V>> {
 public:
  // `partition` -1: by the key.
  RepartitionWrite(std::string topic, int partition)
      : name_(std::move(topic)), partition_(partition) {}

  void receive(const Record<K, V>& record) override {
    key_.clear();
    KeySerde<K>::write(record.key, key_);
    write_head(record);
    StateSerde<V>::write(record.value, value_);
    OutputRecord out{topic_, partition_, key_, value_, record.timestamp, record.headers};
    task_->send(out);
  }
  void* input(int port, std::type_index record) override {
    const bool fits = port == 0 && record == typeid(Record<K, V>);
    return fits ? static_cast<Receiver<Record<K, V>>*>(this) : nullptr;
  }
  bool connect(int, Stage&, int) override { return false; }
  bool wants_time() const override { return false; }
  void init(TaskContext& task) override {
    task_ = &task;
    topic_ = task.output(name_);
  }

 private:
  // In one piece: strings grow byte by byte at some cost.
  void write_head(const Record<K, V>& record) {
    char head[1 + kVarintBytesMax + kOriginBytesMax];
    const bool first = record.observed == kNoTime;
    const Origin* origin = task_->origin();
    const char form = first ? kRepartitionFirst : kRepartitionRecord;
    head[0] = static_cast<char>(form | (origin != nullptr ? kRepartitionOrigin : 0));
    char* end = head + 1;
    if (!first) end = put_varint(end, zigzag_of(record.observed - record.timestamp));
    if (origin != nullptr) end = put_origin(end, *origin);
    value_.assign(head, static_cast<std::size_t>(end - head));
  }

  std::string name_;
  int partition_;
  TaskContext* task_ = nullptr;
  int topic_ = 0;
  std::string key_;
  std::string value_;
};

// The other end. K is never optional here: null keys did not get into the topic.
template <class K, class V>
class RepartitionRead final : public SourceStage {
 public:
  Status decode(const InputRecord& record) override {
    if (!record.key || !KeySerde<K>::read(*record.key, key_)) return Error{"damaged key"};
    if (!record.value || record.value->empty()) return Error{"no value"};
    std::string_view rest = *record.value;
    has_origin_ = (rest.front() & kRepartitionOrigin) != 0;
    const char form = static_cast<char>(rest.front() & ~kRepartitionOrigin);
    rest.remove_prefix(1);
    std::int64_t distance = 0;
    observed_ = kNoTime;
    if (form == kRepartitionRecord) {
      if (!read_zigzag(rest, distance)) return Error{"damaged time"};
      observed_ = later(record.timestamp, distance);
    } else if (form != kRepartitionFirst) {
      return Error{"unknown form " + std::to_string(static_cast<int>(record.value->front()))};
    }
    if (has_origin_ && !read_origin(rest, origin_)) return Error{"damaged origin"};
    if (!StateSerde<V>::read(rest, value_) || !rest.empty()) return Error{"damaged value"};
    time_ = record.timestamp;
    headers_ = record.headers;
    return {};
  }
  Timestamp time() const override { return time_; }
  Timestamp observed() const override { return observed_; }
  const Origin* origin() const override { return has_origin_ ? &origin_ : nullptr; }
  // The record brings its own observed time; the reader's is that of another clock.
  void forward(Timestamp) override { output_.forward({key_, value_, time_, observed_, headers_}); }
  void* input(int, std::type_index) override { return nullptr; }
  bool connect(int output, Stage& child, int port) override {
    return output == 0 && output_.connect(child, port);
  }

 private:
  K key_{};
  V value_{};
  Headers headers_;
  Timestamp time_ = 0;
  Timestamp observed_ = kNoTime;
  Origin origin_;
  bool has_origin_ = false;
  Output<Record<K, V>> output_;
};

}  // namespace weir::detail
