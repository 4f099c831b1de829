#include "conformance/cases.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include <rapidjson/document.h>

#include <weir/error.h>

namespace weir::conformance {

namespace {

using Value = rapidjson::Value;

const Value* member(const Value& object, std::string_view name) {
  const auto found =
      object.FindMember(Value(name.data(), static_cast<rapidjson::SizeType>(name.size())));
  return found == object.MemberEnd() ? nullptr : &found->value;
}

std::optional<std::string> text_of(const Value* value) {
  if (value == nullptr || value->IsNull()) return std::nullopt;
  if (value->IsString()) return std::string(value->GetString(), value->GetStringLength());
  check(value->IsInt64(), "a key or value of a case is neither text nor a whole number");
  return std::to_string(value->GetInt64());
}

std::optional<std::int64_t> number_of(const Value* value) {
  if (value == nullptr || value->IsNull()) return std::nullopt;
  check(value->IsInt64(), "a number of a case is not a whole number");
  return value->GetInt64();
}

std::vector<int> numbers_of(const Value* value) {
  std::vector<int> numbers;
  if (value == nullptr) return numbers;
  for (const Value& item : value->GetArray()) numbers.push_back(item.GetInt());
  return numbers;
}

Input input_of(const Value& value) {
  return {text_of(member(value, "topic")).value_or(""), text_of(member(value, "key")),
          text_of(member(value, "value")), number_of(member(value, "ts")).value_or(0),
          number_of(member(value, "wall_ms"))};
}

Line line_of(const Value& value) {
  Line line;
  line.topic = text_of(member(value, "topic")).value_or("");
  line.key = text_of(member(value, "key"));
  line.value = text_of(member(value, "value"));
  line.timestamp = number_of(member(value, "ts")).value_or(0);
  line.window_start = number_of(member(value, "window_start"));
  line.window_end = number_of(member(value, "window_end"));
  line.by_input = static_cast<int>(number_of(member(value, "by_input")).value_or(0));
  return line;
}

std::filesystem::path cases_file() {
  namespace fs = std::filesystem;
  std::error_code unreadable;
  if (const char* named = std::getenv("WEIR_CASES")) {
    return fs::is_directory(named, unreadable) ? fs::path(named) / "kstreams_cases.json"
                                               : fs::path(named);
  }
  std::vector<fs::path> found;
  const fs::path parent = fs::path(WEIR_SOURCE_DIR).parent_path();
  for (const fs::directory_entry& entry : fs::directory_iterator(parent, unreadable)) {
    const fs::path file = entry.path() / "cases" / "kstreams_cases.json";
    if (fs::is_regular_file(file, unreadable)) found.push_back(file);
  }
  std::sort(found.begin(), found.end());
  return found.empty() ? fs::path() : found.front();
}

}  // namespace

class CaseReader {
 public:
  static std::vector<Case> read(const std::filesystem::path& path) {
    std::vector<Case> cases;
    if (path.empty()) return cases;
    std::ifstream in(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    // Shared by the parameters of all cases: each keeps the whole file alive.
    const auto file = std::make_shared<rapidjson::Document>();
    file->Parse(text.data(), text.size());
    check(!file->HasParseError() && file->IsArray(), "the file of cases cannot be read");
    for (const Value& value : file->GetArray()) cases.push_back(one(file, value));
    return cases;
  }
  static Params params(std::shared_ptr<const void> file, const Value& value) {
    Params params;
    params.file_ = std::move(file);
    params.value_ = &value;
    return params;
  }

 private:
  static Case one(const std::shared_ptr<const rapidjson::Document>& file, const Value& value) {
    Case c;
    c.name = text_of(member(value, "name")).value_or("");
    c.operation = text_of(member(value, "operator")).value_or("");
    c.params = params(file, *member(value, "params"));
    for (const Value& input : member(value, "inputs")->GetArray()) {
      c.inputs.push_back(input_of(input));
    }
    for (const Value& line : member(value, "expected")->GetArray()) {
      c.expected.push_back(line_of(line));
    }
    c.compare = c.params.text("compare");
    c.checkpoints = c.params.numbers("checkpoints");
    return c;
  }
};

namespace {

const Value& as_value(const void* value) { return *static_cast<const Value*>(value); }

}  // namespace

std::int64_t Params::number(std::string_view name, std::int64_t otherwise) const {
  return number_of(member(as_value(value_), name)).value_or(otherwise);
}
std::string Params::text(std::string_view name, std::string_view otherwise) const {
  return text_of(member(as_value(value_), name)).value_or(std::string(otherwise));
}
bool Params::has(std::string_view name) const {
  const Value* found = member(as_value(value_), name);
  return found != nullptr && !found->IsNull();
}
bool Params::flag(std::string_view name) const {
  const Value* found = member(as_value(value_), name);
  return found != nullptr && found->IsTrue();
}
std::vector<int> Params::numbers(std::string_view name) const {
  return numbers_of(member(as_value(value_), name));
}
Params Params::object(std::string_view name) const {
  return CaseReader::params(file_, *member(as_value(value_), name));
}

bool Line::operator==(const Line& other) const {
  const auto all = [](const Line& line) {
    return std::tie(line.topic, line.key, line.value, line.timestamp, line.window_start,
                    line.window_end);
  };
  return all(*this) == all(other);
}

std::string to_string(const Line& line) {
  std::string text = line.topic + (line.topic.empty() ? "" : ": ") + line.key.value_or("null");
  if (line.window_start) {
    text += "[" + std::to_string(*line.window_start) + "," +
            std::to_string(line.window_end.value_or(0)) + "]";
  }
  return text + "=" + line.value.value_or("null") + "@" + std::to_string(line.timestamp) + " by " +
         std::to_string(line.by_input);
}

const std::vector<Case>& cases() {
  static const std::vector<Case> kAll = CaseReader::read(cases_file());
  return kAll;
}

std::vector<const Case*> cases_named(std::string_view prefix) {
  std::vector<const Case*> found;
  for (const Case& c : cases()) {
    if (c.name.starts_with(prefix)) found.push_back(&c);
  }
  return found;
}

namespace {

using Lines = std::vector<Line>;

auto sort_key(const Line& line) {
  return std::tie(line.topic, line.key, line.window_start, line.window_end, line.value,
                  line.timestamp);
}
bool in_any_order(const Line& a, const Line& b) { return sort_key(a) < sort_key(b); }

std::string listed(const char* title, const Lines& lines) {
  std::string text = std::string(title) + " (" + std::to_string(lines.size()) + "):\n";
  for (const Line& line : lines) text += "  " + to_string(line) + "\n";
  return text;
}

std::string compared(const Lines& wanted, const Lines& ours, const std::string& where) {
  if (wanted == ours) return {};
  return where + " differ\n" + listed("wanted", wanted) + listed("ours", ours);
}

Lines until(const Lines& lines, int input) {
  Lines kept;
  std::copy_if(lines.begin(), lines.end(), std::back_inserter(kept),
               [&](const Line& line) { return line.by_input <= input; });
  return kept;
}

// In order, at each checkpoint; topics have no order between them.
std::string exact(const Case& wanted, const Lines& ours) {
  std::set<std::string> topics;
  for (const Lines& lines : {wanted.expected, ours}) {
    for (const Line& line : lines) topics.insert(line.topic);
  }
  std::vector<int> checkpoints = wanted.checkpoints;
  checkpoints.push_back(static_cast<int>(wanted.inputs.size()));
  for (const std::string& topic : topics) {
    const auto of_topic = [&](Lines lines) {
      std::erase_if(lines, [&](const Line& line) { return line.topic != topic; });
      return lines;
    };
    for (const int at : checkpoints) {
      std::string text = compared(until(of_topic(wanted.expected), at), until(of_topic(ours), at),
                                  "after input " + std::to_string(at) + " results " + topic);
      if (!text.empty()) return text;
    }
  }
  return {};
}

Lines sorted(Lines lines) {
  std::sort(lines.begin(), lines.end(), in_any_order);
  return lines;
}

Lines distinct(Lines lines) {
  lines = sorted(std::move(lines));
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  return lines;
}

Lines by_key_then_window_start(Lines lines) {
  std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
    return std::tie(a.key, a.window_start) < std::tie(b.key, b.window_start);
  });
  return lines;
}

Lines last_per_window(const Lines& lines) {
  std::map<std::tuple<std::optional<std::string>, std::optional<Timestamp>>, Line> last;
  for (const Line& line : lines) last[{line.key, line.window_start}] = line;
  Lines kept;
  for (const auto& [window, line] : last) kept.push_back(line);
  return kept;
}

}  // namespace

std::string difference(const Case& wanted, std::vector<Line> ours) {
  const std::string& mode = wanted.compare;
  if (mode == "exact") return exact(wanted, ours);
  if (mode == "dropped_only") return {};
  if (mode == "unordered") {
    return compared(sorted(wanted.expected), sorted(std::move(ours)), "results in any order");
  }
  if (mode == "per_window_set") {
    return compared(distinct(wanted.expected), distinct(std::move(ours)), "distinct results");
  }
  if (mode == "sorted_by_key_then_window_start") {
    return compared(by_key_then_window_start(wanted.expected),
                    by_key_then_window_start(std::move(ours)), "results by key and window");
  }
  if (mode == "last_per_window") {
    return compared(last_per_window(wanted.expected), last_per_window(ours), "last results");
  }
  return "unknown mode of comparison: " + mode;
}

}  // namespace weir::conformance
