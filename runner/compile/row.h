// A record of a job file at work: its values by slot, as expressions read them.
//
// Written form, version 1, in repartition topics and state:
//   row   = varint(values) value*
//   value = head:byte body        head = kind as in JsonValue | detail << 3
//   body  = nothing (null, bool: detail is the value) | zigzag (int, time, decimal: detail is its
//           places) | 8 bytes (double) | bytes (string, raw)
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <weir/bytes.h>
#include <weir/json_value.h>
#include <weir/record.h>
#include <weir/time.h>

namespace weir::compile {

// What Kafka has as the key: plain text. Absent: null.
using Key = std::optional<std::string>;

// Where a row was read. What leaves a topic of the job's own has none.
struct RecordPlace {
  std::string_view topic{};  // Lives as long as the task.
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  Timestamp arrival = 0;
  std::optional<std::string_view> key{};  // Only until the row is read.
};

// Texts are views of what the row was read from: the record's bytes, those of a store, or memory of
// the step that made it. Valid while the record is on its way, so who keeps a row writes it.
struct Row {
  std::vector<JsonValue> values;
  Timestamp time = kNoTime;  // Event time where the stream says `time`. Only until it is read.
  RecordPlace place{};

  void read_from(const InputRecord& record) {
    place = {record.topic, record.partition, record.offset, record.timestamp, record.key};
  }

  void write(std::string& out) const;
  bool read(Bytes& in);
};

// A value in its written form.
void append_value(std::string& out, const JsonValue& value);
[[nodiscard]] bool read_value(Bytes& in, JsonValue& value);

}  // namespace weir::compile
