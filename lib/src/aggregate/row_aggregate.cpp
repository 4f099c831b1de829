#include <bit>
#include <cmath>

#include "aggregate/row_state.h"
#include <weir/decimal.h>
#include <weir/row_aggregate.h>

namespace weir {
namespace {

using Kind = JsonValue::Kind;
using detail::visit_part;

bool is_number(Kind kind) {
  return kind == Kind::kInt || kind == Kind::kDecimal || kind == Kind::kDouble;
}

std::string words_of(RowType type) {
  switch (type.kind) {
    case Kind::kNull:
      return "any";
    case Kind::kBool:
      return "bool";
    case Kind::kInt:
      return "int";
    case Kind::kDouble:
      return "float";
    case Kind::kDecimal:
      return "decimal(" + std::to_string(type.places) + ")";
    case Kind::kString:
      return "string";
    case Kind::kTime:
      return "time";
    case Kind::kRaw:
      break;
  }
  return "JSON";
}

double real_of(const JsonValue& number) {
  if (number.kind() == Kind::kDouble) return number.as_double();
  if (number.kind() == Kind::kInt) return static_cast<double>(number.as_int());
  return static_cast<double>(number.units()) / static_cast<double>(power_of_ten(number.places()));
}

// What is summed of an int or a decimal.
std::int64_t units_of(const JsonValue& exact) {
  return exact.kind() == Kind::kDecimal ? exact.units() : exact.as_int();
}

// What a set of integers keeps of a value.
std::int64_t bits_of(const JsonValue& value) {
  switch (value.kind()) {
    case Kind::kBool:
      return value.as_bool() ? 1 : 0;
    case Kind::kTime:
      return value.as_time();
    case Kind::kDouble:
      return std::bit_cast<std::int64_t>(value.as_double() + 0.0);  // -0 is 0.
    default:
      return units_of(value);
  }
}

// What a set keeps of a value whose type nobody declared: equal values are equal JSON.
std::string json_of(const JsonValue& value) {
  std::string json;
  append_json(json, value);
  return json;
}

bool is_null(const JsonValue& value) {
  return value.is_null() || (value.kind() == Kind::kDouble && std::isnan(value.as_double()));
}

// Adds one value, known to be no null and of its declared type, to an accumulator.
struct Adding {
  Kind type;  // As declared.
  JsonValue value;
  JsonValue by;
  Timestamp time;

  void operator()(RowCount& count) const { count.add(); }
  void operator()(IntSum& sum) const { sum.add(units_of(value)); }
  void operator()(IntMean& mean) const { mean.add(units_of(value)); }
  void operator()(ExactSum& sum) const { sum.add(value.as_double()); }
  void operator()(DoubleMean& mean) const { mean.add(value.as_double()); }
  void operator()(Deviation& deviation) const {
    if (value.kind() == Kind::kDouble) {
      deviation.add(value.as_double());
    } else {
      deviation.add(units_of(value));
    }
  }
  void operator()(Quantiles& quantiles) const { quantiles.add(real_of(value)); }
  template <Pick pick>
  void operator()(Extreme<RowValue, pick>& extreme) const {
    extreme.add(value);
  }
  template <End end>
  void operator()(EndOf<RowValue, end>& edge) const {
    edge.add(value, time);
  }
  template <Pick pick>
  void operator()(ArgExtreme<RowValue, RowValue, pick>& arg) const {
    arg.add(value, by, time);
  }
  void operator()(Collect<RowValue>& some) const { some.add(value, time); }
  void operator()(DistinctInts& set) const { set.add(bits_of(value)); }
  void operator()(DistinctStrings& set) const {
    if (type == Kind::kString) {
      set.add(value.text());
    } else {
      set.add(json_of(value));
    }
  }
  void operator()(Hll& sketch) const {
    if (type == Kind::kString) {
      sketch.add(value.text());
    } else if (type == Kind::kNull || type == Kind::kRaw) {
      sketch.add(json_of(value));
    } else {
      sketch.add(bits_of(value));
    }
  }
};

// Reads the result off an accumulator; false when it does not fit.
struct Resulting {
  const RowAggregate& aggregate;
  JsonValue& into;
  std::string& text;

  bool is_decimal() const { return aggregate.type.kind == Kind::kDecimal; }
  bool real(std::optional<double> x) const {
    if (x) into = JsonValue::real(*x);
    return true;
  }

  bool operator()(const RowCount& count) const {
    into = JsonValue::integer(count.value());
    return true;
  }
  bool operator()(const IntSum& sum) const {
    const auto units = sum.value();
    if (!units) return false;
    into = is_decimal() ? JsonValue::decimal(*units, aggregate.type.places)
                        : JsonValue::integer(*units);
    return true;
  }
  bool operator()(const ExactSum& sum) const { return !sum.is_overflowed() && real(sum.value()); }
  bool operator()(const IntMean& mean) const {
    if (mean.is_empty()) return true;
    if (!is_decimal()) return real(mean.value());
    const int places = IntMean::places_of_mean(aggregate.type.places);
    const auto units = mean.units(places - aggregate.type.places);
    if (units) into = JsonValue::decimal(*units, places);
    return units.has_value();
  }
  bool operator()(const DoubleMean& mean) const {
    if (mean.is_empty()) return true;
    return !mean.is_overflowed() && real(mean.value());
  }
  bool operator()(const Deviation& deviation) const {
    auto value = deviation.value();
    if (value && is_decimal()) {
      *value /= static_cast<double>(power_of_ten(aggregate.type.places));
    }
    return !deviation.is_overflowed() && real(value);
  }
  bool operator()(const Quantiles& quantiles) const {
    return real(quantiles.value(aggregate.parameter));
  }
  bool operator()(const Collect<RowValue>& some) const {
    text.push_back('[');
    bool first = true;
    some.for_each([&](const RowValue& value) {
      if (!first) text.push_back(',');
      first = false;
      append_json(text, value.view());
    });
    text.push_back(']');
    return true;
  }
  template <class Set>
  requires requires(const Set& set) {
    set.has_news();
    set.value();
  }
  bool operator()(const Set& set) const {
    into = JsonValue::integer(set.value());
    return true;
  }
  template <class Picked>
  requires requires(const Picked& picked) { picked.peek(); }
  bool operator()(const Picked& picked) const {
    if (const RowValue* value = picked.peek()) into = value->view();
    return true;
  }
};

// The start of an Error about an aggregate.
std::string about(const RowAggregate& aggregate) { return "'" + aggregate.name + "': "; }

bool is_ranked(AggregateKind kind) {
  return kind == AggregateKind::kArgMax || kind == AggregateKind::kArgMin;
}

bool has_argument(AggregateKind kind) { return kind != AggregateKind::kCount; }

// Whether the value is what the declared type has: almost all are.
bool is_of(const JsonValue& value, RowType type) {
  if (value.kind() != type.kind) return value.is_null() || type.kind == Kind::kNull;
  return type.kind != Kind::kDecimal || value.places() == type.places;
}

// The value as the declared type has it; false when it is of another.
bool as_type(const JsonValue& value, RowType type, JsonValue& into) {
  into = value;
  if (value.is_null() || type.kind == Kind::kNull) return true;
  if (type.kind == Kind::kDouble && is_number(value.kind())) {
    into = JsonValue::real(real_of(value));
    return true;
  }
  if (type.kind != Kind::kDecimal) return value.kind() == type.kind;
  if (value.kind() != Kind::kDecimal && value.kind() != Kind::kInt) return false;
  const int places = value.kind() == Kind::kInt ? 0 : value.places();
  if (places == type.places && value.kind() == Kind::kDecimal) return true;
  const auto units = rescale(units_of(value), places, type.places);
  if (units) into = JsonValue::decimal(*units, type.places);
  return units.has_value();
}

}  // namespace

Status RowAggregates::problem(const RowAggregate& aggregate) {
  const Kind kind = aggregate.type.kind;
  const auto refuse = [&](const char* what, const char* hint) {
    return Error{about(aggregate) + what + ", not " + words_of(aggregate.type), hint};
  };
  switch (aggregate.kind) {
    case AggregateKind::kCountIf:
      if (kind != Kind::kBool) return refuse("count_if takes a condition", "compare something");
      break;
    case AggregateKind::kSum:
    case AggregateKind::kAvg:
    case AggregateKind::kStddev:
      if (!is_number(kind)) return refuse("needs a number", "declare the field as one");
      break;
    case AggregateKind::kQuantile:
      if (!is_number(kind)) return refuse("needs a number", "declare the field as one");
      if (!(aggregate.parameter >= 0 && aggregate.parameter <= 1)) {
        return Error{about(aggregate) + "a quantile is between 0 and 1",
                     "0.5 is the median, 0.99 what one in a hundred exceeds"};
      }
      break;
    case AggregateKind::kApproxDistinct:
      if (!Hll::is_possible(aggregate.parameter)) {
        return Error{about(aggregate) + "the error of approx_distinct is 0.0021 to 1",
                     "0.01 takes 16 KiB, 0.05 takes 512 bytes; count_distinct is exact"};
      }
      break;
    case AggregateKind::kCollect:
      if (aggregate.max == 0) {
        return Error{about(aggregate) + "collect keeps at least 1 value",
                     "say how many at most: collect(x, 10)"};
      }
      break;
    default:
      break;
  }
  if (aggregate.type.places < 0 || aggregate.type.places > kDecimalPlacesMax) {
    return Error{about(aggregate) + "a decimal has 0 to 18 places"};
  }
  return {};
}

RowType RowAggregates::result_type(const RowAggregate& aggregate) {
  switch (aggregate.kind) {
    case AggregateKind::kCount:
    case AggregateKind::kCountIf:
    case AggregateKind::kCountDistinct:
    case AggregateKind::kApproxDistinct:
      return {Kind::kInt, 0};
    case AggregateKind::kAvg:
      if (aggregate.type.kind != Kind::kDecimal) return {Kind::kDouble, 0};
      return {Kind::kDecimal, IntMean::places_of_mean(aggregate.type.places)};
    case AggregateKind::kStddev:
    case AggregateKind::kQuantile:
      return {Kind::kDouble, 0};
    case AggregateKind::kCollect:
      return {Kind::kRaw, 0};
    default:
      return aggregate.type;
  }
}

RowState::Part RowState::part_of(const RowAggregate& aggregate) {
  const bool real = aggregate.type.kind == Kind::kDouble;
  const bool text = aggregate.type.kind == Kind::kString || aggregate.type.kind == Kind::kRaw ||
                    aggregate.type.kind == Kind::kNull;
  switch (aggregate.kind) {
    case AggregateKind::kCount:
    case AggregateKind::kCountIf:
      return RowCount();
    case AggregateKind::kSum:
      return real ? Part(ExactSum()) : Part(IntSum());
    case AggregateKind::kAvg:
      return real ? Part(DoubleMean()) : Part(IntMean());
    case AggregateKind::kMin:
      return Extreme<RowValue, Pick::kLeast>();
    case AggregateKind::kMax:
      return Extreme<RowValue, Pick::kGreatest>();
    case AggregateKind::kFirst:
    case AggregateKind::kAny:
      return EndOf<RowValue, End::kFirst>();
    case AggregateKind::kLast:
      return EndOf<RowValue, End::kLast>();
    case AggregateKind::kCountDistinct:
      return text ? Part(Boxed<DistinctStrings>()) : Part(Boxed<DistinctInts>());
    case AggregateKind::kApproxDistinct:
      return Boxed<Hll>(Hll(aggregate.parameter));
    case AggregateKind::kStddev:
      return Boxed<Deviation>();
    case AggregateKind::kQuantile:
      return Boxed<Quantiles>();
    case AggregateKind::kCollect:
      return Boxed<Collect<RowValue>>(Collect<RowValue>(aggregate.max));
    case AggregateKind::kArgMax:
      return Boxed<ArgExtreme<RowValue, RowValue, Pick::kGreatest>>();
    case AggregateKind::kArgMin:
      return Boxed<ArgExtreme<RowValue, RowValue, Pick::kLeast>>();
  }
  return RowCount();
}

RowAggregates::RowAggregates(std::vector<RowAggregate> aggregates)
    : aggregates_(std::move(aggregates)) {
  for (const RowAggregate& aggregate : aggregates_) {
    const Status good = problem(aggregate);
    check(static_cast<bool>(good), good ? "" : good.error().text);
    start_.parts_.push_back(RowState::part_of(aggregate));
  }
}

bool RowAggregates::fits(const RowState& state) const {
  if (state.parts_.size() != start_.parts_.size()) return false;
  for (std::size_t i = 0; i < aggregates_.size(); ++i) {
    if (state.parts_[i].index() != start_.parts_[i].index()) return false;
  }
  return true;
}

Status RowAggregates::add(RowState& into, std::span<const JsonValue> row, Timestamp time) const {
  if (!fits(into)) throw BrokenWorld("the state of an aggregate was written by another plan");
  JsonValue value;
  for (const RowAggregate& aggregate : aggregates_) {  // First all checks: a row is added whole.
    if (!has_argument(aggregate.kind) || is_of(row[aggregate.argument], aggregate.type)) continue;
    if (!as_type(row[aggregate.argument], aggregate.type, value)) {
      return Error{about(aggregate) + "the value is no " + words_of(aggregate.type)};
    }
  }
  for (std::size_t i = 0; i < aggregates_.size(); ++i) {
    const RowAggregate& aggregate = aggregates_[i];
    Adding adding{aggregate.type.kind, {}, {}, time};
    if (has_argument(aggregate.kind)) {
      adding.value = row[aggregate.argument];
      if (!is_of(adding.value, aggregate.type)) {
        (void)as_type(row[aggregate.argument], aggregate.type, adding.value);  // Checked above.
      }
      if (is_ranked(aggregate.kind)) {
        adding.by = row[aggregate.by];
        if (is_null(adding.by)) continue;
      } else if (is_null(adding.value)) {
        continue;
      }
      if (aggregate.kind == AggregateKind::kCountIf && !adding.value.as_bool()) continue;
    }
    visit_part(adding, into.parts_[i]);
  }
  return {};
}

Status RowAggregates::result(const RowState& state, std::span<JsonValue> results,
                             std::string& text) const {
  check(results.size() == size(), "as many results as aggregates");
  if (!fits(state)) throw BrokenWorld("the state of an aggregate was written by another plan");
  text.clear();
  for (std::size_t i = 0; i < aggregates_.size(); ++i) {
    results[i] = JsonValue::null();
    const auto start = static_cast<std::int64_t>(text.size());
    if (!visit_part(Resulting{aggregates_[i], results[i], text}, state.parts_[i])) {
      return Error{about(aggregates_[i]) + "does not fit " + words_of(result_type(aggregates_[i]))};
    }
    if (aggregates_[i].kind == AggregateKind::kCollect) results[i] = JsonValue::integer(start);
  }
  // Only now does the text stay where it is.
  std::size_t end = text.size();
  for (std::size_t i = aggregates_.size(); i-- > 0;) {
    if (aggregates_[i].kind != AggregateKind::kCollect) continue;
    const auto start = static_cast<std::size_t>(results[i].as_int());
    results[i] = JsonValue::raw(std::string_view(text).substr(start, end - start));
    end = start;
  }
  return {};
}

}  // namespace weir
