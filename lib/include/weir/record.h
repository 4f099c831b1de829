// Records: what crosses stages, and what crosses topics.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <weir/time.h>

namespace weir {

// One header of a record. Views: valid as long as the record that carries them.
struct Header {
  std::string_view name;
  std::optional<std::string_view> value;
};
using Headers = std::span<const Header>;  // Order and repeats are kept.

// The key of a stream whose key nobody reads: null or not, its bytes are ignored.
struct NoKey {
  auto operator<=>(const NoKey&) const = default;
};

// A record on its way through a task: a view of a key and a value that live in the caller's frame.
// It cannot be copied, so it cannot be kept; a stage that keeps something keeps the key or value.
//
//   void process(const Record<std::string, Order>& record, Context<Out>& ctx) {
//     ctx.forward(record.with_value(record.value.amount));
//   }
template <class K, class V>
class Record {
 public:
  using Key = K;
  using Value = V;

  Record(const K& k, const V& v, Timestamp at, Timestamp seen = kNoTime, Headers with = {})
      : key(k), value(v), timestamp(at), observed(seen), headers(with) {}
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;

  // The same record with another value or key. REQUIRES: the argument outlives the new record.
  template <class W>
  Record<K, W> with_value(const W& other) const {
    return {key, other, timestamp, observed, headers};
  }
  template <class L>
  Record<L, V> with_key(const L& other) const {
    return {other, value, timestamp, observed, headers};
  }

  const K& key;
  const V& value;
  const Timestamp timestamp;  // Event time.
  // The stream time that the record's own source partition had reached before it: alone decides
  // whether the record is late. It travels through repartition topics with the record.
  const Timestamp observed;
  const Headers headers;
};

// A record that owns what it holds: for tests and for results that are collected.
template <class K, class V>
struct OwnedRecord {
  K key{};
  V value{};
  Timestamp timestamp = 0;
  bool operator==(const OwnedRecord&) const = default;
};

// A record as it lies in a topic: bytes. Views: valid until the caller's next step.
struct InputRecord {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  Timestamp timestamp = 0;
  std::optional<std::string_view> key{};
  std::optional<std::string_view> value{};
  Headers headers{};
};

}  // namespace weir
