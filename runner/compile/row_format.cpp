#include "compile/row_format.h"

#include "compile/row_writer.h"
#include "compile/typed_value.h"
#include "expression/program.h"
#include <weir/json_reader.h>

namespace weir::compile {

using expression::Column;
using expression::Schema;

namespace {

std::string escaped(std::string_view key) {
  std::string path;
  for (const char c : key) {
    if (c == '.' || c == '\\') path += '\\';
    path += c;
  }
  return path;
}

// The path of a column in the record. Columns that expressions named of an open record are paths as
// they stand; of declared ones each map adds a key.
std::string path_of(const Schema& schema, const Column& column) {
  if (schema.open) return column.name;
  if (column.parent == Column::kTopLevel) return escaped(column.name);
  const Column& map = schema.columns[static_cast<std::size_t>(column.parent)];
  return path_of(schema, map) + '.' + escaped(column.name.substr(map.name.size() + 1));
}

std::vector<std::string> paths_of(const Schema& schema) {
  std::vector<std::string> paths;
  for (const Column& column : schema.columns) paths.push_back(path_of(schema, column));
  return paths;
}

class RowDecoder final : public Decoder<Row> {
 public:
  RowDecoder(const Schema& schema, const job::Program* time, const TimeReading& times,
             std::optional<KeyCheck> keys)
      : schema_(schema),
        time_(time),
        times_(times),
        keys_(std::move(keys)),
        reader_(paths_of(schema)) {
    for (const Column& column : schema.columns) {
      const bool is_any = column.type.is(expression::Kind::any);
      plain_.push_back(
          {column.type.is(expression::Kind::text), column.type.nullable || is_any, is_any});
    }
  }

  Status read(std::optional<std::string_view> bytes, Row& into) override {
    if (!bytes) return Error{"is null"};
    if (Status s = reader_.read(*bytes); !s) return s;
    scratch_.reset();
    into.values.resize(schema_.columns.size());
    const std::span<const JsonSlot> found = reader_.slots();
    JsonValue* const values = into.values.data();
    const Plain* const takes = plain_.data();
    for (std::size_t slot = 0; slot < found.size(); ++slot) {
      if (read_plain(found[slot], takes[slot], values[slot])) continue;
      const Column& column = schema_.columns[slot];
      Status s =
          read_typed(found[slot], column.name, column.type, times_, scratch_.arena(), values[slot]);
      if (!s) return s;
    }
    if (keys_) keys_->look(into.place.key, into.values);
    return time_ == nullptr ? Status() : read_event_time(into);
  }

 private:
  // What a field takes without a closer look.
  struct Plain {
    bool text;
    bool nothing;
    bool inner;  // A list or a map, as it is.
  };

  // Most fields are plain text, or not there.
  static bool read_plain(const JsonSlot& slot, Plain takes, JsonValue& into) {
    if (slot.kind == JsonKind::kString && takes.text && !slot.escaped) {
      into = JsonValue::string(slot.text);
      return true;
    }
    if (slot.is_absent() && takes.nothing) {
      into = JsonValue::null();
      return true;
    }
    if (slot.kind < JsonKind::kObject || !takes.inner) return false;
    into = JsonValue::raw(slot.text);
    return true;
  }

  Status read_event_time(Row& into) {
    expression::RecordFacts facts;
    facts.record_time = facts.arrival_time = into.place.arrival;
    facts.topic = into.place.topic;
    facts.partition = into.place.partition;
    facts.offset = into.place.offset;
    const expression::Outcome outcome = time_->evaluate(into.values, facts, scratch_);
    if (outcome.failed()) return Error{"time: " + std::string(outcome.error)};
    if (outcome.value.is_null()) return Error{"time: '" + time_->source() + "' is null"};
    into.time = outcome.value.as_time();
    return {};
  }

  const Schema& schema_;
  const job::Program* time_;
  const TimeReading times_;
  std::optional<KeyCheck> keys_;
  JsonReader reader_;
  std::vector<Plain> plain_{};  // By slot.
  expression::Scratch scratch_;
};

class RowEncoder final : public Encoder<Row> {
 public:
  explicit RowEncoder(const Schema& schema) : writer_(schema) {}
  bool write(const Row& row, std::string& out) override {
    writer_.write(row.values, out);
    return true;
  }

 private:
  RowWriter writer_;
};

}  // namespace

std::unique_ptr<Decoder<Row>> RowFormat::decoder() const {
  if (stream_ == nullptr)
    return std::make_unique<RowDecoder>(schema_, nullptr, times_, std::nullopt);
  return std::make_unique<RowDecoder>(schema_, stream_->time ? &*stream_->time : nullptr, times_,
                                      KeyCheck(*stream_, mismatches_));
}

std::unique_ptr<Encoder<Row>> RowFormat::encoder() const {
  return std::make_unique<RowEncoder>(schema_);
}

}  // namespace weir::compile
