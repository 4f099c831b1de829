#include "generate/generator.h"

#include "job/diagnostic_print.h"

namespace weir::generate {

namespace {

std::string json_of(const Row& row) {
  std::string json = "{";
  for (const auto& [name, value] : row) {
    if (json.size() > 1) json += ",";
    json += job::json_quoted(name) + ":";
    value.append_json_to(json);
  }
  return json + "}";
}

std::optional<std::string> key_of(const StreamPlan& stream, const Row& row) {
  if (stream.key.empty()) return std::nullopt;
  for (const auto& [name, value] : row) {
    if (name == stream.key && !value.is_null()) return value.plain();
  }
  return std::nullopt;
}

}  // namespace

Generator::Generator(const Plan& plan, GeneratorOptions options)
    : plan_(plan),
      options_(options),
      random_(plan.seed),
      made_(plan.streams.size()),
      waiting_(plan.streams.size()) {
  for (std::size_t i = 0; i < plan.streams.size(); ++i) {
    if (plan.streams[i].follows < 0) plan_next(i);
  }
}

void Generator::plan_next(std::size_t stream) {
  const double rate = plan_.streams[stream].rate.value_or(plan_.rate);
  const double due = static_cast<double>(made_[stream]++) * 1000 / rate;
  turns_.push(
      {.due_ms = static_cast<std::int64_t>(due), .number = turns_planned_++, .stream = stream});
}

void Generator::plan_followers(std::size_t stream, std::int64_t due_ms, const Row& row) {
  for (std::size_t i = 0; i < plan_.streams.size(); ++i) {
    const StreamPlan& follower = plan_.streams[i];
    if (follower.follows != static_cast<int>(stream) || random_.share() >= follower.share) continue;
    ++waiting_[i];
    turns_.push({.due_ms = due_ms + drawn(follower.after),
                 .number = turns_planned_++,
                 .stream = i,
                 .leader = row});
  }
}

bool Generator::happens(const Fault& fault) {
  return options_.faults && fault.share > 0 && random_.share() < fault.share;
}

std::int64_t Generator::drawn(const Span& span) {
  return random_.between(span.first_ms, span.last_ms);
}

Timestamp Generator::disturbed(const StreamPlan& stream, Timestamp time, Mark& mark) {
  if (happens(stream.late)) {
    mark = Mark::late;
    return time - drawn(stream.late.span);
  }
  if (happens(stream.out_of_order)) {
    mark = Mark::out_of_order;
    return time - drawn(stream.out_of_order.span);
  }
  return time;
}

Row Generator::make_row(std::size_t stream, Timestamp time, const Row* leader) {
  const StreamPlan& plan = plan_.streams[stream];
  Row row;
  Making making{
      .random = random_, .counters = counters_, .time = time, .row = &row, .leader = leader};
  if (plan.follows >= 0) {
    making.leader_name = plan_.streams[static_cast<std::size_t>(plan.follows)].name;
  }
  const auto add = [&](const std::vector<Field>& fields) {
    for (const Field& field : fields) {
      Value value = evaluate(*field.value, making);
      row.emplace_back(field.name, std::move(value));
    }
  };
  add(plan.fields);
  if (plan.variants.empty()) return row;
  double left = random_.share();
  for (const Variant& variant : plan.variants) {
    left -= variant.share;
    if (left < 0 || &variant == &plan.variants.back()) {
      add(variant.fields);
      break;
    }
  }
  return row;
}

Made Generator::next() {
  Turn turn = turns_.top();
  turns_.pop();
  if (turn.again) {
    turn.again->due_ms = turn.due_ms;
    turn.again->time = options_.start + turn.due_ms;
    turn.again->mark = Mark::duplicate;
    return std::move(*turn.again);
  }
  const StreamPlan& stream = plan_.streams[turn.stream];
  if (turn.leader) --waiting_[turn.stream];
  Made made{.stream = turn.stream, .key = {}, .value = {}, .due_ms = turn.due_ms};
  made.time = disturbed(stream, options_.start + turn.due_ms, made.mark);
  const Row row = make_row(turn.stream, made.time, turn.leader ? &*turn.leader : nullptr);
  made.key = key_of(stream, row);
  made.value = json_of(row);
  if (stream.follows < 0) plan_next(turn.stream);
  plan_followers(turn.stream, turn.due_ms, row);
  if (happens(stream.duplicate)) {
    turns_.push({.due_ms = turn.due_ms + drawn(stream.duplicate.span),
                 .number = turns_planned_++,
                 .stream = turn.stream,
                 .again = made});
  }
  if (happens(stream.malformed)) {
    made.mark = Mark::malformed;
    made.value.resize(made.value.size() / 2);
  }
  return made;
}

}  // namespace weir::generate
