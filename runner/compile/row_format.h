// How rows lie in topics: JSON with declared fields.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "compile/key_check.h"
#include "compile/row.h"
#include "expression/schema.h"
#include "job/plan.h"
#include <weir/time_format.h>
#include <weir/topic.h>

namespace weir::compile {

class RowFormat final : public Format<Row> {
 public:
  // REQUIRES, of both: what is handed in outlives the format and all that it makes.
  RowFormat(const job::StreamPlan& stream, TimeZone zone, std::shared_ptr<KeyMismatches> mismatches)
      : schema_(stream.schema),
        stream_(&stream),
        times_{std::move(zone)},
        mismatches_(std::move(mismatches)) {}
  explicit RowFormat(const expression::Schema& schema) : schema_(schema) {}

  std::unique_ptr<Decoder<Row>> decoder() const override;
  std::unique_ptr<Encoder<Row>> encoder() const override;
  std::string_view name() const override { return "json"; }

 private:
  const expression::Schema& schema_;
  const job::StreamPlan* stream_ = nullptr;  // Null: rows of this schema, from anywhere.
  TimeReading times_{};
  std::shared_ptr<KeyMismatches> mismatches_{};
};

}  // namespace weir::compile
