#include <algorithm>

#include "generate/evaluate.h"
#include "generate/language.h"
#include "generate/plan.h"
#include "job/scalar.h"
#include "job/yaml.h"
#include <weir/time.h>

namespace weir::generate {

namespace {

using job::Diagnostics;
using job::Node;

class PlanReader {
 public:
  PlanReader(Diagnostics& found, Plan& plan) : found_(found), plan_(plan) {}

  void read(const Node& root) {
    if (!allow(root, generator_language())) return;
    plan_.name = text(root, "generate", true);
    plan_.description = text(root, "description", false);
    plan_.seed = static_cast<std::uint64_t>(integer(root, "seed", 1));
    if (const Node* rate = root.find("rate")) read_rate(*rate, plan_.rate);
    const Node* const streams = root.find("streams");
    if (streams == nullptr || !streams->is_map() || streams->items.empty()) {
      found_.error("E102", root.place, "a generator needs 'streams'");
      return;
    }
    for (std::size_t i = 0; i < streams->items.size(); ++i) {
      read_stream(streams->keys[i], streams->items[i]);
    }
  }

 private:
  bool allow(const Node& node, const GeneratorMap& map) {
    if (!node.is_map()) {
      found_.error("E103", node.place, "here a map is expected");
      return false;
    }
    const std::vector<std::string> known = map.names();
    for (const Node& key : node.keys) {
      if (std::ranges::find(known, key.text) != known.end()) continue;
      found_.error("E101", key.place, "there is no key '" + key.text + "' here").hint =
          job::did_you_mean(key.text, known);
    }
    return true;
  }

  std::string text(const Node& map, std::string_view key, bool required) {
    const Node* const value = map.find(key);
    if (value != nullptr && value->is_scalar()) return value->text;
    if (value != nullptr) found_.error("E103", value->place, "here a single value is expected");
    if (required && value == nullptr) {
      found_.error("E102", map.place, "'" + std::string(key) + "' is missing");
    }
    return "";
  }

  std::int64_t integer(const Node& map, std::string_view key, std::int64_t otherwise) {
    const Node* const value = map.find(key);
    std::int64_t number = otherwise;
    if (value != nullptr && !job::parse_integer(value->text, number)) {
      found_.error("E103", value->place, "'" + value->text + "' is no integer");
    }
    return number;
  }

  void read_rate(const Node& node, double& rate) {
    if (!job::parse_rate(node.text, rate) || rate <= 0) {
      found_.error("E103", node.place, "'" + node.text + "' is no rate such as 200/s");
    }
  }

  void read_share(const Node& map, double& share) {
    const Node* const value = map.find("share");
    if (value == nullptr) return;
    if (!job::parse_percent(value->text, share) || share < 0 || share > 1) {
      found_.error("E103", value->place, "'" + value->text + "' is no share such as 2%");
    }
  }

  void read_span(const Node& map, std::string_view key, Span& span) {
    const Node* const value = map.find(key);
    if (value == nullptr) return;
    if (!job::parse_range(value->text, span.first_ms, span.last_ms) ||
        span.first_ms > span.last_ms) {
      found_.error("E103", value->place, "'" + value->text + "' is no range such as 1s..20s");
    }
  }

  void read_stream(const Node& key, const Node& node) {
    if (!allow(node, streams_)) return;
    StreamPlan stream;
    stream.name = key.text;
    stream.topic = text(node, "topic", true);
    stream.key = text(node, "key", false);
    if (const Node* rate = node.find("rate")) read_rate(*rate, stream.rate.emplace(1));
    if (const Node* follows = node.find("follows")) read_follows(*follows, stream);
    read_share(node, stream.share);
    read_span(node, "after", stream.after);
    if (const Node* fields = node.find("fields")) {
      read_fields(*fields, stream, stream.fields, {});
    } else {
      found_.error("E102", key.place, "stream '" + key.text + "' needs 'fields'");
    }
    if (const Node* variants = node.find("variants")) read_variants(*variants, stream);
    if (const Node* faults = node.find("faults")) read_faults(*faults, stream);
    check_key(node, stream);
    plan_.streams.push_back(std::move(stream));
  }

  void check_key(const Node& node, const StreamPlan& stream) {
    if (stream.key.empty()) return;
    if (std::ranges::find(stream.fields, stream.key, &Field::name) != stream.fields.end()) return;
    found_.error("E201", node.find("key")->place,
                 "'" + stream.key + "' is no field of '" + stream.name + "'");
  }

  void read_follows(const Node& node, StreamPlan& stream) {
    for (std::size_t i = 0; i < plan_.streams.size(); ++i) {
      if (plan_.streams[i].name == node.text) stream.follows = static_cast<int>(i);
    }
    if (stream.follows < 0) {
      found_.error("E202", node.place, "there is no stream '" + node.text + "' before this one");
    }
  }

  void read_fields(const Node& node, const StreamPlan& stream, std::vector<Field>& fields,
                   const std::vector<Field>& before) {
    if (!node.is_map()) {
      found_.error("E103", node.place, "'fields' is a map of names and expressions");
      return;
    }
    std::vector<std::string> known;
    for (const Field& field : before) known.push_back(field.name);
    if (stream.follows >= 0) {
      const StreamPlan& leader = plan_.streams[static_cast<std::size_t>(stream.follows)];
      for (const Field& field : leader.fields) known.push_back(leader.name + "." + field.name);
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const Node& value = node.items[i];
      Field field{.name = node.keys[i].text, .value = nullptr};
      expression::Fault fault;
      if (value.is_null()) {
        field.value = expression::parse("null", fault);
      } else if (value.is_scalar()) {
        field.value = expression::parse(value.text, fault);
      }
      if (field.value != nullptr && check_names(*field.value, known, fault)) {
        known.push_back(field.name);
        fields.push_back(std::move(field));
        continue;
      }
      auto& finding = found_.error(
          fault.code.empty() ? "E103" : fault.code,
          value.is_scalar()
              ? job::place_in_file(found_.source(), value, fault.span.first, fault.span.last)
              : value.place,
          fault.text.empty() ? "here an expression is expected" : fault.text);
      finding.hint = fault.hint;
    }
  }

  void read_variants(const Node& node, StreamPlan& stream) {
    if (!node.is_list()) {
      found_.error("E103", node.place, "'variants' is a list");
      return;
    }
    for (const Node& item : node.items) {
      if (!allow(item, *streams_.inside("variants"))) continue;
      Variant& variant = stream.variants.emplace_back();
      read_share(item, variant.share);
      if (const Node* fields = item.find("fields")) {
        read_fields(*fields, stream, variant.fields, stream.fields);
      }
    }
  }

  void read_faults(const Node& node, StreamPlan& stream) {
    const GeneratorMap& faults = *streams_.inside("faults");
    if (!allow(node, faults)) return;
    const auto read = [&](std::string_view name, std::string_view span, Fault& fault) {
      const Node* const one = node.find(name);
      if (one == nullptr || !allow(*one, *faults.inside(name))) return;
      read_share(*one, fault.share);
      if (span != "share") read_span(*one, span, fault.span);
    };
    read("out_of_order", "by", stream.out_of_order);
    read("late", "by", stream.late);
    read("duplicate", "after", stream.duplicate);
    read("malformed", "share", stream.malformed);
  }

  const GeneratorMap& streams_ = *generator_language().inside("streams");
  Diagnostics& found_;
  Plan& plan_;
};

// ${...} in any single value; a generator has no params of its own.
void put_in(Node& node, const job::Outside& outside) {
  for (Node& item : node.items) put_in(item, outside);
  if (!node.is_scalar()) return;
  for (std::size_t at = 0; (at = node.text.find("${", at)) != std::string::npos;) {
    const std::size_t end = node.text.find('}', at);
    if (end == std::string::npos) return;
    const std::string inside = node.text.substr(at + 2, end - at - 2);
    const std::size_t sign = inside.find(":-");
    const auto value = outside.environment(inside.substr(0, sign));
    const std::string text =
        value.value_or(sign == std::string::npos ? "" : inside.substr(sign + 2));
    node.text.replace(at, end - at + 1, text);
    at += text.size();
  }
}

}  // namespace

std::optional<Plan> read_plan(Diagnostics& found, const job::Outside& outside) {
  std::optional<Node> tree = job::read_yaml(found);
  if (!tree || found.has_errors()) return std::nullopt;
  put_in(*tree, outside);
  Plan plan;
  PlanReader(found, plan).read(*tree);
  found.sort();
  if (found.has_errors()) return std::nullopt;
  return plan;
}

}  // namespace weir::generate
