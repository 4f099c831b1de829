#include <algorithm>
#include <array>

#include "job/scalar.h"
#include "job/settings.h"
#include "test/test_file.h"
#include "test/test_language.h"
#include <weir/json_value.h>
#include <weir/time_format.h>

namespace weir::test {

using job::Diagnostics;
using job::Node;
using job::Place;

namespace {

constexpr std::int64_t kTimesMax = 1'000'000;
constexpr std::int64_t kPartitionsMax = 64;

// A duration with a sign; false when the text is none.
bool parse_offset(std::string_view text, std::int64_t& ms) {
  const bool back = text.starts_with('-');
  if (back) text.remove_prefix(1);
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> kUnits{
      {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  std::int64_t number = 0;
  if (digits == 0 || !job::parse_integer(text.substr(0, digits), number)) return false;
  for (const auto& [unit, each] : kUnits) {
    if (text.substr(digits) != unit) continue;
    if (__builtin_mul_overflow(number, back ? -each : each, &ms)) return false;
    constexpr std::int64_t kFarthestMs = std::int64_t{36'500} * 86'400'000;  // 100 years.
    return ms >= -kFarthestMs && ms <= kFarthestMs;
  }
  return false;
}

bool is_json_number(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at - from;
  };
  const std::size_t first = at;
  const std::size_t whole = digits();
  if (whole == 0 || (whole > 1 && text[first] == '0')) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (digits() == 0) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (digits() == 0) return false;
  }
  return at == text.size();
}

std::string quoted(std::string_view text) {
  std::string out;
  append_json(out, JsonValue::string(text));
  return out;
}

std::string json_of_scalar(const Node& node, Timestamp epoch) {
  const bool plain = node.style == Node::Style::plain;
  std::int64_t offset = 0;
  if (node.text.starts_with('@') && parse_offset(std::string_view(node.text).substr(1), offset)) {
    std::string time;
    append_time_text(time, later(epoch, offset));
    return quoted(time);
  }
  if (plain && (node.text == "null" || node.text == "~" || node.text.empty())) return "null";
  if (plain && (node.text == "true" || node.text == "false")) return node.text;
  return plain && is_json_number(node.text) ? node.text : quoted(node.text);
}

class TestReader {
 public:
  explicit TestReader(Diagnostics& found) : found_(found) {}

  TestFile run(const Node& root) {
    TestFile file;
    if (!check_map(root, file_language(), {0, 1})) return file;
    file.job = text(root, "test");
    if (const Node* epoch = root.find("epoch"); epoch != nullptr) {
      if (!parse_time(epoch->text, {}, file.epoch) || file.epoch < 0) {
        found_.error("E104", epoch->place, "'" + epoch->text + "' is no time").hint =
            "write it as 2025-03-01T10:00:00Z";
      }
    }
    epoch_ = file.epoch;
    file.partitions = integer(root, "partitions", 1, kPartitionsMax);
    file.instances = integer(root, "instances", 1, kPartitionsMax);
    for (const auto& [name, value] : scalars(root, "env")) file.env[name] = value;
    for (const auto& [name, value] : scalars(root, "params")) file.params[name] = value;
    file.set = scalars(root, "set");
    for (const Node& node : root.find("cases")->items) file.cases.push_back(read_case(node));
    return file;
  }

 private:
  int line_of(Place place) const { return found_.source().position(place.offset).line; }

  static Place place_of(const Node& node) {
    return node.is_map() && !node.keys.empty() ? node.keys[0].place : node.place;
  }

  // False when what is missing or of the wrong kind keeps the map from being read.
  bool check_map(const Node& node, const TestMap& map, Place at) {
    const std::size_t errors = found_.errors();
    if (!node.is_map()) {
      found_.error("E103", node.place.nowhere() ? at : node.place,
                   std::string(map.name) + " is a map");
      return false;
    }
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      const TestKey* key = map.find(node.keys[i].text);
      if (key == nullptr) {
        unknown(node.keys[i], map);
      } else {
        check_value(node.keys[i], node.items[i], *key);
      }
    }
    for (const TestKey& key : map.keys) {
      if (!key.required || node.find(key.name) != nullptr) continue;
      found_.error("E102", at, std::string(map.name) + " needs '" + std::string(key.name) + "'")
          .hint = std::string(key.doc);
    }
    return found_.errors() == errors;
  }

  void unknown(const Node& key, const TestMap& map) {
    std::vector<std::string> names;
    std::string listed;
    for (const TestKey& known : map.keys) {
      names.emplace_back(known.name);
      listed += (listed.empty() ? "" : ", ") + names.back();
    }
    auto& d = found_.error("E101", key.place,
                           "unknown key '" + key.text + "' in " + std::string(map.name));
    d.hint = job::did_you_mean(key.text, names);
    d.notes.push_back("keys of " + std::string(map.name) + ": " + listed);
  }

  void check_value(const Node& key, const Node& node, const TestKey& spec) {
    const auto refuse = [&](const std::string& wanted) {
      const bool nowhere = node.is_null() || node.place.nowhere();
      found_.error("E104", nowhere ? key.place : node.place, "'" + key.text + "' is " + wanted);
    };
    std::int64_t number = 0;
    switch (spec.takes) {
      case Takes::version:
        if (node.text != "1") refuse("1, the version of the language");
        return;
      case Takes::text:
        if (!node.is_scalar()) refuse("a single value");
        return;
      case Takes::integer:
        if (!node.is_scalar() || !job::parse_integer(node.text, number) || number < 0) {
          refuse("a whole number");
        }
        return;
      case Takes::duration:
        if (!node.is_scalar() || !parse_offset(node.text, number)) {
          refuse("a duration such as 15s");
        }
        return;
      case Takes::truth:
        if (node.text != "true") refuse("true");
        return;
      case Takes::word:
        if (std::find(spec.words.begin(), spec.words.end(), node.text) == spec.words.end()) {
          std::string words;
          for (const auto word : spec.words) {
            words += (words.empty() ? "" : ", ") + std::string(word);
          }
          refuse("one of " + words);
        }
        return;
      case Takes::scalars:
        if (!node.is_map()) return refuse("a map of names and values");
        for (const Node& item : node.items) {
          if (!item.is_scalar()) refuse("a map of names and single values");
        }
        return;
      case Takes::list:
        if (!node.is_list() || node.items.empty()) return refuse("a list");
        for (const Node& item : node.items) {
          check_map(item, *spec.map, item.is_null() ? key.place : place_of(item));
        }
        return;
      case Takes::anything:
        return;
    }
  }

  static std::string text(const Node& map, std::string_view key) {
    const Node* value = map.find(key);
    return value == nullptr ? std::string() : value->text;
  }
  std::int64_t integer(const Node& map, std::string_view key, std::int64_t otherwise,
                       std::int64_t most) {
    const Node* value = map.find(key);
    std::int64_t number = otherwise;
    if (value != nullptr) static_cast<void>(job::parse_integer(value->text, number));
    if (number <= most) return number;
    found_.error("E104", value->place,
                 "'" + std::string(key) + "' is at most " + std::to_string(most));
    return most;
  }
  static std::vector<std::pair<std::string, std::string>> scalars(const Node& map,
                                                                  std::string_view key) {
    std::vector<std::pair<std::string, std::string>> all;
    const Node* value = map.find(key);
    if (value == nullptr) return all;
    for (std::size_t i = 0; i < value->keys.size(); ++i) {
      all.emplace_back(value->keys[i].text, value->items[i].text);
    }
    return all;
  }

  TestCase read_case(const Node& node) {
    TestCase made;
    made.name = text(node, "name");
    made.line = line_of(place_of(node));
    made.partitions = integer(node, "partitions", 0, kPartitionsMax);
    for (const Node& step : node.find("steps")->items) made.steps.push_back(read_step(step));
    return made;
  }

  TestStep read_step(const Node& node) {
    TestStep step;
    step.line = line_of(place_of(node));
    const Node* verb = find_verb(node);
    if (verb == nullptr) return step;
    const Node& value = *node.find(verb->text);
    const bool records = verb->text == "send" || verb->text == "expect";
    check_records(node, *verb, records);
    step.name = value.text;
    if (verb->text == "send") read_send(node, step);
    if (verb->text == "expect") read_expect(node, step);
    if (verb->text == "advance") {
      step.kind = TestStep::Kind::advance;
      static_cast<void>(parse_offset(value.text, step.number));
      if (step.number < 0) found_.error("E104", value.place, "the clock does not go back");
    }
    if (verb->text == "crash") step.kind = TestStep::Kind::crash;
    if (verb->text == "drain") step.kind = TestStep::Kind::drain;
    if (verb->text == "rebalance") {
      step.kind = TestStep::Kind::rebalance;
      step.number = std::max<std::int64_t>(1, integer(node, "rebalance", 1, kPartitionsMax));
    }
    if (verb->text == "discarded") read_counts(node, step);
    return step;
  }

  const Node* find_verb(const Node& node) {
    const Node* verb = nullptr;
    for (const Node& key : node.keys) {
      if (key.text == "records" || key.text == "match") continue;
      if (verb != nullptr) {
        found_.error("E106", key.place, "a step does one thing, but '" + key.text + "' is a second")
            .hint = "start each step with its own dash";
      }
      verb = &key;
    }
    if (verb == nullptr) {
      found_.error("E106", place_of(node), "this step does nothing").hint =
          "a step is send, expect, advance, crash, rebalance, drain or discarded";
    }
    return verb;
  }

  void check_records(const Node& node, const Node& verb, bool wanted) {
    const Node* records = node.find("records");
    if (wanted && (records == nullptr || !records->is_list())) {
      found_.error("E102", records == nullptr ? verb.place : records->place,
                   "'" + verb.text + "' needs a list of 'records'");
    }
    for (const std::string_view key : {"records", "match"}) {
      const Node* one = node.find_key(key);
      if (one == nullptr || verb.text == "expect" || (verb.text == "send" && key == "records")) {
        continue;
      }
      found_.error("E101", one->place, "'" + one->text + "' does not belong to " + verb.text);
    }
  }

  void read_send(const Node& node, TestStep& step) {
    step.kind = TestStep::Kind::send;
    const Node* records = node.find("records");
    if (records == nullptr || !records->is_list()) return;
    for (const Node& item : records->items) {
      if (!check_map(item, sent_language(), node.find_key("records")->place)) continue;
      SentRecord record;
      if (const Node* at = item.find("at")) static_cast<void>(parse_offset(at->text, record.at_ms));
      record.partition = integer(item, "partition", 0, kPartitionsMax - 1);
      record.times = integer(item, "times", 1, kTimesMax);
      if (const Node* key = item.find("key"); key != nullptr) record.key = key->text;
      if (const Node* raw = item.find("raw")) {
        record.value = raw->text;
      } else if (const Node* value = item.find("value"); value != nullptr && !value->is_null()) {
        record.value = json_of(*value, epoch_);
      }
      step.records.push_back(std::move(record));
    }
  }

  void read_expect(const Node& node, TestStep& step) {
    step.kind = TestStep::Kind::expect;
    const std::string match = text(node, "match");
    if (match == "contains") step.match = Match::contains;
    if (match == "unordered") step.match = Match::unordered;
    const Node* records = node.find("records");
    if (records == nullptr || !records->is_list()) return;
    step.records_key = node.find_key("records")->place;
    step.records_value = records->place;
    step.records_on_one_line = records->flow;
    for (const Node& item : records->items) {
      if (!item.is_map()) {
        found_.error("E103", item.place, "an expected record is a map of fields");
        continue;
      }
      step.expected.push_back(read_expected(item));
    }
  }

  ExpectedRecord read_expected(const Node& item) {
    ExpectedRecord record;
    record.line = line_of(place_of(item));
    const bool whole = item.find("raw") != nullptr ||
                       (item.find("value") != nullptr && item.find("value")->is_map());
    const bool envelope =
        whole && std::all_of(item.keys.begin(), item.keys.end(), [](const Node& key) {
          return envelope_language().find(key.text) != nullptr;
        });
    if (!envelope) {
      record.value = item;
      return record;
    }
    check_map(item, envelope_language(), place_of(item));
    if (const Node* key = item.find("key")) record.key = key->text;
    if (const Node* raw = item.find("raw")) record.raw = raw->text;
    if (const Node* value = item.find("value")) record.value = *value;
    std::int64_t at = 0;
    if (const Node* node = item.find("at"); node != nullptr && parse_offset(node->text, at)) {
      record.at_ms = at;
    }
    return record;
  }

  void read_counts(const Node& node, TestStep& step) {
    step.kind = TestStep::Kind::discarded;
    const Node& counts = *node.find("discarded");
    for (std::size_t i = 0; i < counts.keys.size(); ++i) {
      std::int64_t number = 0;
      if (!job::parse_integer(counts.items[i].text, number)) {
        found_.error("E104", counts.items[i].place, "'" + counts.items[i].text + "' is no count");
      }
      step.counts[counts.keys[i].text] = number;
    }
  }

  Diagnostics& found_;
  Timestamp epoch_ = 0;
};

}  // namespace

std::string json_of(const Node& node, Timestamp epoch) {
  if (node.is_null()) return "null";
  if (node.is_scalar()) return json_of_scalar(node, epoch);
  std::string json(1, node.is_map() ? '{' : '[');
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    if (i > 0) json += ',';
    if (node.is_map()) json += quoted(node.keys[i].text) + ':';
    json += json_of(node.items[i], epoch);
  }
  return json + (node.is_map() ? '}' : ']');
}

std::optional<TestFile> read_test(Diagnostics& found) {
  const std::optional<Node> tree = job::read_yaml(found);
  if (!tree || found.has_errors()) return std::nullopt;
  TestFile file = TestReader(found).run(*tree);
  found.sort();
  if (found.has_errors()) return std::nullopt;
  return file;
}

}  // namespace weir::test
