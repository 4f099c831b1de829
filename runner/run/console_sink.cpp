#include "run/console_sink.h"

#include <algorithm>
#include <cstdio>
#include <deque>
#include <functional>
#include <mutex>
#include <unordered_set>

#include "expression/arena.h"
#include "expression/json_text.h"
#include "job/source.h"

namespace weir::run {

namespace {

constexpr std::size_t kRemembered = 100'000;  // Results that would be known again.
constexpr std::size_t kCellMax = 60;

struct Cell {
  std::string text;
  bool is_number = false;
};

class Table {
 public:
  explicit Table(ConsoleOptions options) : options_(std::move(options)) {}

  bool print(std::span<const SinkRecord> batch) {
    const std::lock_guard lock(mutex_);
    std::string out;
    for (const SinkRecord& record : batch) {
      if (is_new(record)) add(record.value.value_or("null"), out);
    }
    if (options_.screen.print) return options_.screen.print(out);
    std::fwrite(out.data(), 1, out.size(), stdout);
    return std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  }

 private:
  bool is_new(const SinkRecord& record) {
    const std::string whole = std::string(record.key.value_or("")) + '\0' +
                              std::string(record.value.value_or("")) + '\0' +
                              std::to_string(record.timestamp);
    const std::size_t mark = std::hash<std::string>()(whole);
    if (!known_.insert(mark).second) return false;
    order_.push_back(mark);
    if (order_.size() > kRemembered) {
      known_.erase(order_.front());
      order_.pop_front();
    }
    return true;
  }

  void add(std::string_view value, std::string& out) {
    expression::JsonWalk walk(value);
    if (!walk.is_map()) {
      out += std::string(value) + "\n";
      return;
    }
    std::vector<std::pair<std::string, Cell>> fields;
    while (walk.next()) fields.emplace_back(std::string(walk.key()), cell(walk.value()));
    if (widths_.empty()) head(fields, out);
    std::string line;
    for (std::size_t i = 0; i < options_.columns.size(); ++i) {
      const std::string& name = options_.columns[i];
      const auto found = std::ranges::find(fields, name, &std::pair<std::string, Cell>::first);
      const Cell shown = found == fields.end() ? Cell{"-"} : found->second;
      if (is_narrow_) {
        out += aligned(name, names_width_, false) + "  " + shown.text + "\n";
      } else {
        line += (i > 0 ? "  " : "") + aligned(shown.text, widths_[i], shown.is_number);
      }
    }
    out += trimmed(std::move(line)) + "\n";
  }

  static Cell cell(std::string_view json) {
    if (json == "null") return {"-"};
    if (!json.starts_with('"')) {
      return {std::string(json.substr(0, kCellMax)), !json.starts_with('{')};
    }
    expression::Arena arena;
    std::string_view text;
    if (!expression::unescape(json.substr(1, json.size() - 2), arena, text)) text = json;
    std::string shown(text.substr(0, kCellMax));
    for (char& c : shown) {
      if (static_cast<unsigned char>(c) < ' ' || c == '\x7F') c = ' ';  // No escapes of others.
    }
    return {std::move(shown)};
  }

  void head(const std::vector<std::pair<std::string, Cell>>& fields, std::string& out) {
    if (options_.columns.empty()) {
      for (const auto& [name, unused] : fields) options_.columns.push_back(name);
    }
    if (!options_.title.empty()) out += options_.title + "\n";
    std::string line;
    for (const std::string& name : options_.columns) {
      std::size_t width = std::max<std::size_t>(name.size(), 6);
      bool is_number = false;
      for (const auto& [known, value] : fields) {
        if (known != name) continue;
        width = std::max(width, value.text.size());
        is_number = value.is_number;
      }
      widths_.push_back(width);
      line += (line.empty() ? "" : "  ") + aligned(name, width, is_number);
      names_width_ = std::max(names_width_, job::count_characters(name));
    }
    line = trimmed(std::move(line));
    const std::size_t room = options_.screen.columns;
    is_narrow_ = room > 0 && job::count_characters(line) > room;
    if (!is_narrow_) out += line + "\n";
  }

  static std::string aligned(const std::string& text, std::size_t width, bool right) {
    const std::size_t shown = job::count_characters(text);
    const std::string blanks(shown < width ? width - shown : 0, ' ');
    return right ? blanks + text : text + blanks;
  }
  static std::string trimmed(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
  }

  std::mutex mutex_;
  ConsoleOptions options_;
  std::vector<std::size_t> widths_;
  std::size_t names_width_ = 0;
  bool is_narrow_ = false;
  std::unordered_set<std::size_t> known_;
  std::deque<std::size_t> order_;
};

class ConsoleSink final : public Sink {
 public:
  explicit ConsoleSink(std::shared_ptr<Table> table) : table_(std::move(table)) {}

  SinkAnswer write(std::span<const SinkRecord> batch) override {
    if (table_->print(batch)) return {};
    return {.what = SinkAnswer::What::never, .why = "stdout cannot be written", .refused = {}};
  }
  SinkAnswer flush() override { return {}; }
  void close() override {}

 private:
  std::shared_ptr<Table> table_;
};

}  // namespace

OpenSink console_sink(ConsoleOptions options) {
  return
      [table = std::make_shared<Table>(std::move(options))](int) -> Result<std::unique_ptr<Sink>> {
        return std::unique_ptr<Sink>(std::make_unique<ConsoleSink>(table));
      };
}

}  // namespace weir::run
