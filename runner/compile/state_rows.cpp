#include "compile/state_rows.h"

#include <algorithm>
#include <cstring>

#include "compile/group_key.h"
#include "compile/row.h"
#include "compile/row_writer.h"
#include "job/diagnostic_print.h"
#include <weir/bytes.h>
#include <weir/row_aggregate.h>
#include <weir/time_format.h>
#include <weir/windows.h>

namespace weir::compile {

using job::AggregatePlan;
using job::JoinPlan;
using job::StepPlan;
using job::WindowKind;

namespace {

constexpr char kStageTime[] = {'\0'};
constexpr char kWhole = '\0';  // Of rows that may have news beside them.
constexpr char kNews = '\1';
constexpr char kPresent = '\1';  // Before what may be null.
constexpr std::size_t kMissedBytes = 2;
constexpr std::size_t kNumberBytes = 4;  // Of a row of news.

std::string time_json(Timestamp time) {
  std::string text;
  if (time == kNoTime || time == kEndOfTime || !append_time_text(text, time)) return "null";
  return job::json_quoted(text);
}

std::string window_json(std::string_view word, const Window& window) {
  return ",\"" + std::string(word) + "_start\":" + time_json(window.start) + ",\"" +
         std::string(word) + "_end\":" + time_json(window.end);
}

Error damaged() {
  return {"a row that this job cannot have written",
          "was the job changed since, or is it another job's state?"};
}

// The first bytes that no key with this prefix has before it; empty: there are none.
std::string after_prefix(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(prefix.back() + 1);
  return prefix;
}

bool read_present(Bytes in, std::string& text) {
  if (in.empty() || in.front() != kPresent) return false;
  in.remove_prefix(1);
  Bytes id;
  if (!read_bytes(in, id) || !in.empty()) return false;
  text = id;
  return true;
}

enum class Kind { windows, per_event, sessions, running, join, match, deduplicate };

}  // namespace

class StateRows::Form {
 public:
  Form(std::string named, Kind what, const StepPlan& of, bool left = true)
      : name(std::move(named)),
        kind(what),
        step_(of),
        left_(left),
        writer_(what == Kind::join && !left ? of.join->right
                : of.aggregate              ? of.out
                                            : of.in) {
    if (of.aggregate) {
      aggregates_.emplace(of.aggregate->aggregates);
      group_.emplace(of.aggregate->by);
    }
    if (of.join) right_.emplace(of.join->right);
  }

  const std::string name;
  const Kind kind;

  Status read(const StateWish& wish, StateSource& source, Visit visit) const {
    if (kind == Kind::running) return read_untimed(wish, source, visit);
    std::string from, to;
    append_time(from, first_bucket(wish.from));
    if (wish.to != kEndOfTime) append_time(to, wish.to);
    if (wish.key && stores_key_as_text()) return read_key(wish, from, to, source, visit);
    return read_all(wish, from, to, source, visit);
  }

 private:
  static constexpr std::size_t kRowsAtOnce = 500;
  struct Raw {
    std::string key;
    std::string value;
  };

  bool is_windows() const { return kind == Kind::windows; }
  bool stores_key_as_text() const { return !step_.aggregate || group_->is_plain(); }

  // Rows of a bucket may be as much later as it is wide.
  Timestamp first_bucket(Timestamp from) const {
    if (from == kNoTime || is_windows()) return std::max<Timestamp>(from, later(kNoTime, 1));
    constexpr std::int64_t kWidest = 86'400'000;
    return later(from, -kWidest);
  }

  // ---- Which rows ------------------------------------------------------------------------------

  // So that no look at the store lasts: some rows are copied, then shown, then the next.
  Status read_all(const StateWish& wish, std::string from, const std::string& to,
                  StateSource& source, Visit visit) const {
    for (;;) {
      std::vector<Raw> rows;
      Status scanned = source.scan(from, to, [&](Bytes key, Bytes value) {
        rows.push_back({std::string(key), std::string(value)});
        return rows.size() < kRowsAtOnce;
      });
      if (!scanned || rows.empty()) return scanned;
      from = rows.back().key + '\0';
      bool more = rows.size() == kRowsAtOnce;
      for (const Raw& row : rows) {
        Result<bool> shown = show(row.key, row.value, wish, source, visit);
        if (!shown) return shown.error();
        if (!*shown) return {};
      }
      if (!more) return {};
    }
  }

  // Goes from bucket to bucket, and looks for the key in each.
  Status read_key(const StateWish& wish, std::string from, const std::string& to,
                  StateSource& source, Visit visit) const {
    for (;;) {
      std::string bucket;
      Status found = source.scan(from, to, [&](Bytes key, Bytes) {
        bucket = key.substr(0, std::min(key.size(), kTimeBytes));
        return false;
      });
      if (!found || bucket.size() < kTimeBytes) return found;
      std::string prefix = bucket;
      if (is_windows()) prefix.push_back(kWhole);
      append_stored(prefix, *wish.key);
      std::vector<Raw> rows;
      Status scanned = source.scan(prefix, after_prefix(prefix), [&](Bytes key, Bytes value) {
        if (key.size() > prefix.size() + kMissedBytes) return true;
        rows.push_back({std::string(key), std::string(value)});
        return rows.size() < kRowsAtOnce;
      });
      if (!scanned) return scanned;
      for (const Raw& row : rows) {
        Result<bool> shown = show(row.key, row.value, wish, source, visit);
        if (!shown) return shown.error();
        if (!*shown) return {};
      }
      from = after_prefix(bucket);
      if (from.empty()) return {};
    }
  }

  // ---- One row ---------------------------------------------------------------------------------

  // Whether to go on.
  Result<bool> show(Bytes row, Bytes value, const StateWish& wish, StateSource& source,
                    Visit visit) const {
    Timestamp start = 0;
    const std::string bucket(row.substr(0, std::min(row.size(), kTimeBytes)));
    if (!read_time(row, start)) return true;  // The time of the stage.
    if (is_windows()) {
      if (row.size() < 1 + kMissedBytes) return damaged();
      if (row.front() == kNews) return true;  // Shown with its whole row.
      row.remove_prefix(1);
    }
    const Bytes key = is_windows() ? row.substr(0, row.size() - kMissedBytes) : row;
    std::string text;
    if (!read_key_text(key, text)) return damaged();
    if (wish.key && text != *wish.key) return true;
    const std::string members = "\"key\":" + (is_one_group() ? "null" : job::json_quoted(text));
    switch (kind) {
      case Kind::windows:
        return show_window(bucket, row, start, key, value, members, source, visit);
      case Kind::sessions:
        return show_sessions(key, value, members, visit);
      case Kind::per_event:
        return show_records(start, value, members, visit);
      case Kind::join:
        return show_side(start, value, members, visit);
      case Kind::match:
        return show_match(value, members, visit);
      case Kind::deduplicate:
      case Kind::running:
        break;
    }
    Timestamp first = 0;
    if (!read_zigzag(value, first)) return damaged();
    return visit(members + ",\"time\":" + time_json(first));
  }

  // Ids of dedupe may be null, so they carry a sign and their length; all else is the text itself.
  void append_stored(std::string& out, const std::string& key) const {
    if (kind != Kind::deduplicate) {
      out += key;
      return;
    }
    out.push_back(kPresent);
    append_bytes(out, key);
  }

  bool is_one_group() const { return step_.aggregate && step_.aggregate->by.empty(); }
  bool read_key_text(Bytes key, std::string& text) const {
    if (kind == Kind::deduplicate) return read_present(key, text);
    if (!step_.aggregate || group_->is_plain()) {
      text = key;
    } else if (!is_one_group()) {
      std::vector<JsonValue> values;
      group_->read(key, values);
      if (values.size() != step_.aggregate->by.size()) return false;
      group_->write_plain(values, text);
    }
    return true;
  }

  // The result as it would come out now.
  Result<std::string> value_json(Bytes key, const Window* window, const RowState& state) const {
    std::vector<JsonValue> row;
    if (!is_one_group()) group_->read(key, row);
    if (step_.aggregate->window != WindowKind::none) {
      row.push_back(window != nullptr ? JsonValue::time(window->start) : JsonValue::null());
      row.push_back(window != nullptr ? JsonValue::time(window->end) : JsonValue::null());
    }
    const std::size_t results = row.size();
    row.resize(results + aggregates_->size());
    std::string text;
    Status fits = aggregates_->result(state, std::span(row).subspan(results), text);
    if (!fits) return fits.error();
    if (row.size() != step_.out.columns.size()) return damaged();
    std::string json;
    writer_.write(row, json);
    return json;
  }

  Result<bool> show_window(const std::string& bucket, Bytes row, Timestamp start, Bytes key,
                           Bytes value, const std::string& members, StateSource& source,
                           Visit visit) const {
    const AggregatePlan& plan = *step_.aggregate;
    const detail::StepWindows steps({Duration(plan.size_ms), Duration(plan.every_ms), {}});
    const bool panes = !plan.on_update && steps.pane_ms() < plan.size_ms;
    const Window window{start, later(start, panes ? steps.pane_ms() : plan.size_ms)};
    Timestamp newest = 0;
    RowState state;
    if (!read_zigzag(value, newest) || !state.read(value) || !value.empty()) return damaged();
    if (Status news = read_news(bucket, row, newest, state, source); !news) return news.error();
    Result<std::string> json = value_json(key, panes ? nullptr : &window, state);
    if (!json) return json.error();
    return visit(members + window_json(panes ? "pane" : "window", window) +
                 ",\"newest\":" + time_json(newest) + ",\"value\":" + *json);
  }

  // What came after the whole row was written.
  Status read_news(const std::string& bucket, Bytes row, Timestamp& newest, RowState& state,
                   StateSource& source) const {
    const std::string prefix = bucket + kNews + std::string(row);
    bool good = true;
    Status scanned = source.scan(prefix, after_prefix(prefix), [&](Bytes key, Bytes value) {
      if (key.size() != prefix.size() + kNumberBytes) return true;
      state.told();
      good = good && read_zigzag(value, newest) && state.read_news(value) && value.empty();
      return good;
    });
    if (!scanned) return scanned;
    return good ? Status() : damaged();
  }

  Result<bool> show_sessions(Bytes key, Bytes value, const std::string& members,
                             Visit visit) const {
    std::uint64_t count = 0;
    if (!read_varint(value, count)) return damaged();
    for (; count > 0; --count) {
      Window window;
      std::uint64_t length = 0;
      RowState state;
      if (!read_zigzag(value, window.end) || !read_varint(value, length) || !state.read(value)) {
        return damaged();
      }
      window.start = later(window.end, -static_cast<std::int64_t>(length));
      Result<std::string> json = value_json(key, &window, state);
      if (!json) return json.error();
      if (!visit(members + window_json("window", window) + ",\"value\":" + *json)) return false;
    }
    return true;
  }

  // Of per-event windows: the records that they are made of, as the aggregates look at them.
  Result<bool> show_records(Timestamp start, Bytes value, const std::string& members,
                            Visit visit) const {
    while (!value.empty()) {
      std::uint64_t after = 0, arrival = 0, lost = 0;
      Bytes bytes;
      Row row;
      const bool good = read_varint(value, after) && read_varint(value, arrival) &&
                        read_varint(value, lost) && read_bytes(value, bytes) && row.read(bytes);
      if (!good) return damaged();
      expression::Schema arguments;
      for (const job::Program& one : step_.aggregate->arguments) {
        arguments.add(one.source(), one.type());
      }
      const std::size_t first =
          row.values.size() - std::min(row.values.size(), arguments.columns.size());
      row.values.resize(first + arguments.columns.size());
      std::string json;
      RowWriter(arguments).write(std::span(row.values).subspan(first), json);
      const Timestamp time = later(start, static_cast<std::int64_t>(after));
      if (!visit(members + ",\"time\":" + time_json(time) + ",\"value\":" + json)) return false;
    }
    return true;
  }

  Result<bool> show_side(Timestamp start, Bytes value, const std::string& members,
                         Visit visit) const {
    while (!value.empty()) {
      const bool open = value.front() != '\0';
      value.remove_prefix(1);
      std::uint64_t after = 0, ahead = 0;
      Bytes bytes;
      if (!read_varint(value, after) || !read_varint(value, ahead) || !read_bytes(value, bytes)) {
        return damaged();
      }
      Result<std::string> json = row_json(bytes, writer_);
      if (!json) return json.error();
      const Timestamp time = later(start, static_cast<std::int64_t>(after));
      const bool more = visit(members + ",\"side\":\"" + (left_ ? "left" : "right") +
                              "\",\"time\":" + time_json(time) +
                              ",\"alone\":" + (open ? "true" : "false") + ",\"value\":" + *json);
      if (!more) return false;
    }
    return true;
  }

  Result<bool> show_match(Bytes value, const std::string& members, Visit visit) const {
    const JoinPlan& join = *step_.join;
    while (!value.empty()) {
      const char part = value.front();
      value.remove_prefix(1);
      Timestamp time = 0;
      if (value.size() < sizeof time) return damaged();
      std::memcpy(&time, value.data(), sizeof time);
      value.remove_prefix(sizeof time);
      Bytes bytes;
      const bool has_bytes = part == 'i' || part == 'l' || part == 'r';
      if (has_bytes && !read_bytes(value, bytes)) return damaged();
      std::string what;
      if (part == 's' || part == 'm') {
        what = join.left_word + (part == 's' ? " seen" : " matched");
      } else if (part == 'i') {
        what = join.right_word + " seen";
      } else {
        what = (part == 'l' ? join.left_word : join.right_word) + " waits";
      }
      std::string line =
          members + ",\"what\":" + job::json_quoted(what) + ",\"time\":" + time_json(time);
      if (part == 'i') {
        std::string id;
        if (!read_present(bytes, id)) return damaged();
        line += ",\"id\":" + job::json_quoted(id);
      }
      if (part == 'l' || part == 'r') {
        Result<std::string> json = row_json(bytes, part == 'l' ? writer_ : *right_);
        if (!json) return json.error();
        line += ",\"value\":" + *json;
      }
      if (!visit(line)) return false;
    }
    return true;
  }

  Result<std::string> row_json(Bytes bytes, const RowWriter& writer) const {
    Row row;
    const std::size_t columns =
        (&writer == &writer_ && left_ ? step_.in : step_.join->right).columns.size();
    if (!row.read(bytes) || !bytes.empty() || row.values.size() < columns) return damaged();
    std::string json;
    writer.write(row.values, json);
    return json;
  }

  // Of aggregates without windows.
  Status read_untimed(const StateWish& wish, StateSource& source, Visit visit) const {
    Status result;
    Status scanned = source.scan({}, {}, [&](Bytes row, Bytes value) {
      Bytes key;
      RowState state;
      std::string text;
      const bool good = read_bytes(row, key) && row.empty() && read_key_text(key, text) &&
                        state.read(value) && value.empty();
      if (!good) return result = damaged(), false;
      if (wish.key && text != *wish.key) return true;
      Result<std::string> json = value_json(key, nullptr, state);
      if (!json) return result = json.error(), false;
      return visit("\"key\":" + (is_one_group() ? "null" : job::json_quoted(text)) +
                   ",\"value\":" + *json);
    });
    return result ? scanned : result;
  }

  const StepPlan& step_;
  const bool left_;
  const RowWriter writer_;
  std::optional<RowWriter> right_;
  std::optional<RowAggregates> aggregates_;
  std::optional<GroupKey> group_;
};

StateRows::StateRows(const job::JobPlan& plan) {
  const auto add = [&](std::string name, Kind kind, const StepPlan& step, bool left = true) {
    forms_.push_back(std::make_unique<Form>(std::move(name), kind, step, left));
  };
  for (const job::PipelinePlan& pipeline : plan.pipelines) {
    for (const StepPlan& step : pipeline.steps) {
      if (step.dedupe) {
        add(step.store, Kind::deduplicate, step);
      } else if (step.join && step.join->match_once) {
        add(step.store, Kind::match, step);
      } else if (step.join) {
        add(step.store + "-left", Kind::join, step);
        add(step.store + "-right", Kind::join, step, false);
      } else if (step.aggregate) {
        const WindowKind window = step.aggregate->window;
        add(step.store,
            window == WindowKind::stepping    ? Kind::windows
            : window == WindowKind::per_event ? Kind::per_event
            : window == WindowKind::session   ? Kind::sessions
                                              : Kind::running,
            step);
      }
    }
  }
}

StateRows::~StateRows() = default;

std::vector<std::string> StateRows::names() const {
  std::vector<std::string> names;
  for (const auto& form : forms_) names.push_back(form->name);
  return names;
}

const StateRows::Form* StateRows::find(std::string_view store) const {
  const auto found = std::ranges::find_if(forms_, [&](const auto& f) { return f->name == store; });
  return found == forms_.end() ? nullptr : found->get();
}

std::string_view StateRows::kind(std::string_view store) const {
  const Form* form = find(store);
  if (form == nullptr) return "";
  switch (form->kind) {
    case Kind::windows:
      return "windows";
    case Kind::per_event:
      return "per event";
    case Kind::sessions:
      return "sessions";
    case Kind::running:
      return "running";
    case Kind::join:
      return "join";
    case Kind::match:
      return "match once";
    case Kind::deduplicate:
      return "dedupe";
  }
  return "";
}

Status StateRows::read(std::string_view store, const StateWish& wish, StateSource& source,
                       Visit visit) const {
  const Form* form = find(store);
  if (form == nullptr) return Error{"the job has no store '" + std::string(store) + "'"};
  return form->read(wish, source, visit);
}

Timestamp StateRows::time_of(StateSource& source) {
  const Bytes key(kStageTime, sizeof kStageTime);
  Timestamp time = kNoTime;
  const Status read = source.scan(key, std::string(2, '\0'), [&](Bytes row, Bytes value) {
    if (row == key && !read_time(value, time)) time = kNoTime;
    return false;
  });
  return read ? time : kNoTime;
}

}  // namespace weir::compile
