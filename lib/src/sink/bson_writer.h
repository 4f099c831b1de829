// JSON to BSON, with the types that a job has declared.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <bson/bson.h>

#include <weir/error.h>
#include <weir/json_reader.h>
#include <weir/mongodb_sink.h>

namespace weir::sink {

class BsonWriter {
 public:
  static constexpr int kDepthMax = 100;  // The server's own.

  BsonWriter(std::vector<SinkColumn> columns, MongodbDecimals decimals, MongodbTimes times)
      : columns_(std::move(columns)), decimals_(decimals), times_(times) {}

  // Appends the fields of the object `json` to `document`, without `_id`; of a repeated key the
  // last one counts. Numbers of fields that are not declared: an int that fits 32 bits is one, else
  // one of 64; beyond that, and with a fraction, a double. An Error, with part of it appended, for
  // what is no object or cannot be BSON. `as_update`: keys will be paths of an update.
  Status write(std::string_view json, bson_t* document, bool as_update);

 private:
  struct Place {
    std::string_view key;
    const SinkColumn* column;  // Null: not declared.
    int depth;
  };

  Status object(std::string_view text, const std::vector<SinkColumn>& columns, int depth,
                bson_t* out);
  Status array(const JsonSlot& slot, const SinkColumn* element, int depth, bson_t* out);
  Status value(const JsonSlot& slot, const Place& place, bson_t* out);
  Status number(const JsonSlot& slot, const Place& place, bson_t* out);
  Status text(const JsonSlot& slot, const Place& place, bson_t* out);
  Status key_fault(std::string_view key, int depth) const;

  const std::vector<SinkColumn> columns_;
  const MongodbDecimals decimals_;
  const MongodbTimes times_;
  JsonReader reader_{std::vector<std::string>{}};  // Checks only.
  std::string scratch_;
  bool as_update_ = false;
};

}  // namespace weir::sink
