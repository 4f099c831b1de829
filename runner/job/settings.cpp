#include "job/settings.h"

#include "job/scalar.h"
#include <weir/time_format.h>

namespace weir::job {

using expression::Kind;
using expression::Type;

namespace {

const Node* child(const Node* map, std::string_view key) {
  return map != nullptr && map->is_map() ? map->find(key) : nullptr;
}

void read_kafka(const Node* node, Diagnostics& found, KafkaSettings& kafka) {
  kafka.brokers = text_at(node, "brokers");
  kafka.exactly_once = text_at(node, "guarantee", "exactly_once") == "exactly_once";
  kafka.start = text_at(node, "start", "earliest");
  kafka.threads = static_cast<int>(integer_at(node, "threads", 1));
  kafka.commit_every_ms = duration_at(node, "commit_every", 100);
  kafka.static_membership = text_at(node, "membership", "static") == "static";
  const Node* topics = child(node, "topics");
  kafka.topics.create = flag_at(topics, "create", true);
  kafka.topics.partitions = count_at(topics, "partitions");
  kafka.topics.replication = count_at(topics, "replication");
  if (const Node* start = child(node, "start")) {
    Timestamp time = 0;
    if (kafka.start != "earliest" && kafka.start != "latest" &&
        !parse_time(kafka.start, {}, time)) {
      found.error("E104", start->place, "'" + kafka.start + "' is no place to start").hint =
          "write earliest, latest or a time such as 2025-03-01T10:00:00Z";
    }
  }
  if (const Node* properties = child(node, "properties")) {
    for (std::size_t i = 0; i < properties->items.size(); ++i) {
      kafka.properties.emplace_back(properties->keys[i].text, properties->items[i].text);
    }
  }
}

Answer answer_of(std::string_view word, Answer otherwise) {
  if (word == "dlq") return Answer::dlq;
  if (word == "stop") return Answer::stop;
  if (word == "drop") return Answer::drop;
  return otherwise;
}

void check_topic(const Node* node, Diagnostics& found) {
  if (node == nullptr || !node->is_scalar() || is_topic_name(node->text)) return;
  found.error("E108", node->place, "'" + node->text + "' cannot be the name of a topic").hint =
      "a topic has letters, digits, '.', '_' and '-'";
}

void read_errors(const Node* node, Diagnostics& found, ErrorSettings& errors) {
  errors.dlq = text_at(node, "dlq");
  const Answer usual = errors.dlq.empty() ? Answer::stop : Answer::dlq;
  errors.decode = answer_of(text_at(node, "decode"), usual);
  errors.process = answer_of(text_at(node, "process"), usual);
  errors.sink = answer_of(text_at(node, "sink"), usual);
  const Node* late = child(node, "late");
  errors.late = errors.dlq.empty() ? Answer::drop : Answer::dlq;
  if (late != nullptr && late->is_scalar()) errors.late = answer_of(late->text, errors.late);
  if (late != nullptr && late->is_map()) errors.late_topic = text_at(late, "topic");
  check_topic(child(node, "dlq"), found);
  check_topic(child(late, "topic"), found);
  if (const Node* stop = child(node, "stop_above")) {
    parse_percent(text_at(stop, "share"), errors.stop_above_share);
    errors.stop_above_over_ms = duration_at(stop, "over", 0);
  }
  for (const std::string_view key : {"decode", "process", "late", "sink"}) {
    const Node* one = child(node, key);
    if (one == nullptr || !one->is_scalar() || one->text != "dlq" || !errors.dlq.empty()) continue;
    found.error("E111", one->place, "there is no topic for dead letters").hint =
        "name one: 'dlq: my-job.dlq'";
  }
}

}  // namespace

std::string text_at(const Node* map, std::string_view key, std::string_view otherwise) {
  const Node* node = child(map, key);
  return node != nullptr && node->is_scalar() ? node->text : std::string(otherwise);
}

std::int64_t duration_at(const Node* map, std::string_view key, std::int64_t otherwise_ms) {
  std::int64_t millis = 0;
  return expression::parse_duration(text_at(map, key), millis) ? millis : otherwise_ms;
}

std::int64_t integer_at(const Node* map, std::string_view key, std::int64_t otherwise) {
  std::int64_t number = 0;
  return parse_integer(text_at(map, key), number) ? number : otherwise;
}

std::optional<int> count_at(const Node* map, std::string_view key) {
  if (child(map, key) == nullptr) return std::nullopt;
  return static_cast<int>(integer_at(map, key, 1));
}

bool flag_at(const Node* map, std::string_view key, bool otherwise) {
  bool value = false;
  return child(map, key) != nullptr && (text_at(map, key) == "true" || text_at(map, key) == "false")
             ? parse_boolean(text_at(map, key), value) && value
             : otherwise;
}

expression::Param param_of(const Node& scalar) {
  expression::Param param;
  param.type = Type::of(Kind::text);
  param.text = scalar.text;
  if (scalar.style != Node::Style::plain) return param;
  const bool negative = scalar.text.starts_with('-');
  const std::string_view digits = std::string_view(scalar.text).substr(negative ? 1 : 0);
  const bool number = !digits.empty() && digits[0] >= '0' && digits[0] <= '9';
  std::int64_t millis = 0;
  bool flag = false;
  JsonValue value;
  Type type;
  if (parse_boolean(scalar.text, flag)) {
    param.type = Type::of(Kind::boolean);
    param.value = JsonValue::boolean(flag || scalar.text == "true");
  } else if (!negative && number && expression::parse_duration(scalar.text, millis)) {
    param.type = Type::of(Kind::duration);
    param.value = JsonValue::integer(millis);
  } else if (number && digits.find_first_not_of("0123456789.eE+-") == std::string_view::npos &&
             expression::number_literal(digits, value, type)) {
    param.type = type;
    param.value = value;
    if (negative) {
      if (type.is(Kind::real)) param.value = JsonValue::real(-value.as_double());
      if (type.is(Kind::integer)) param.value = JsonValue::integer(-value.as_int());
      if (type.is(Kind::decimal)) param.value = JsonValue::decimal(-value.units(), value.places());
    }
  }
  return param;
}

void read_settings(const Node& root, Diagnostics& found, JobPlan& plan) {
  plan.name = text_at(&root, "job");
  plan.description = text_at(&root, "description");
  if (const Node* params = root.find("params"); params != nullptr && params->is_map()) {
    for (std::size_t i = 0; i < params->items.size(); ++i) {
      plan.params[params->keys[i].text] = param_of(params->items[i]);
    }
  }
  read_kafka(root.find("kafka"), found, plan.kafka);
  const Node* state = root.find("state");
  plan.state.dir = text_at(state, "dir");
  std::int64_t bytes_max = 0;
  if (parse_size(text_at(state, "max_size"), bytes_max)) plan.state.bytes_max = bytes_max;
  plan.state.standbys = static_cast<int>(integer_at(state, "standbys", 0));
  read_errors(root.find("errors"), found, plan.errors);
  const Node* http = root.find("http");
  plan.http.listen = text_at(http, "listen", "127.0.0.1:9464");
  plan.http.dashboard = flag_at(http, "dashboard", false);
  const Node* log = root.find("log");
  plan.log.level = text_at(log, "level", "info");
  plan.log.format = text_at(log, "format", "text");
}

}  // namespace weir::job
