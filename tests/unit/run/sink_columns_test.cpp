#include "run/sink_columns.h"

#include <gmock/gmock.h>

namespace weir::run {
namespace {

using expression::Kind;
using expression::Schema;
using expression::Type;

// "name:type" of each, what is inside in brackets.
std::string words(const std::vector<SinkColumn>& columns) {
  std::string text;
  for (const SinkColumn& column : columns) {
    text += (text.empty() ? "" : " ") + column.name + ":" +
            std::to_string(static_cast<int>(column.type));
    if (column.places > 0) text += "." + std::to_string(column.places);
    if (column.nullable) text += "?";
    if (!column.inside.empty()) text += "[" + words(column.inside) + "]";
  }
  return text;
}

TEST(SinkColumns, KeepOrderTypesAndPlaces) {
  Schema schema;
  schema.add("id", Type::of(Kind::text));
  schema.add("amount", Type::decimal(2).or_null());
  schema.add("at", Type::of(Kind::time));
  schema.add("prices", Type::list_of(Type::decimal(3)));
  EXPECT_EQ(words(sink_columns(schema)), "id:5 amount:4.2? at:6 prices:8[:4.3]");
}

TEST(SinkColumns, PutJoinedRecordsIntoMaps) {
  Schema schema;
  schema.add("id", Type::of(Kind::text));
  schema.columns.push_back(
      {"payment", Type::of(Kind::boolean), expression::Column::kTopLevel, true});
  schema.add("payment.amount", Type::decimal(2));
  schema.add("payment.at", Type::of(Kind::time));
  schema.add("plain.dotted", Type::of(Kind::integer));
  EXPECT_EQ(words(sink_columns(schema)), "id:5 payment:9?[amount:4.2 at:6] plain.dotted:2");
}

}  // namespace
}  // namespace weir::run
