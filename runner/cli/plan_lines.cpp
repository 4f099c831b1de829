#include "cli/plan_lines.h"

#include <algorithm>
#include <map>

#include "cli/layout.h"
#include "cli/numbers.h"
#include "job/diagnostic_print.h"

namespace weir::cli {

namespace {

using job::json_quoted;
using Use = Preview::Use;
using What = Preview::Store::What;

std::string count_of(std::int64_t count, const std::string& one) {
  return grouped(count) + " " + one + (count == 1 ? "" : "s");
}

class Lines {
 public:
  Lines(const Preview& preview, const std::vector<SinkAhead>& sinks)
      : preview_(preview), sinks_(sinks) {}

  std::vector<PlanLine> all() {
    topics();
    stores();
    inputs();
    outputs();
    return std::move(lines_);
  }

 private:
  void add(std::string area, std::string what, std::string name, std::string text, bool is_change) {
    lines_.push_back(
        {std::move(area), std::move(what), std::move(name), std::move(text), is_change});
  }

  void topics() {
    for (const Preview::Topic& topic : preview_.topics) {
      if (topic.found == 0 && topic.use == Use::source) {
        add("topics", "missing", topic.name, "the job reads it, and does not make it", true);
      } else if (topic.found == 0) {
        std::string text = to_string(topic.use);
        if (topic.wanted > 0) text += ", " + count_of(topic.wanted, "partition");
        for (const auto& [setting, value] : topic.settings) text += ", " + setting + "=" + value;
        add("topics", "make", topic.name, text, true);
      } else if (topic.differences.empty()) {
        const std::string text =
            std::string(to_string(topic.use)) + ", " + count_of(topic.found, "partition");
        add("topics", "keep", topic.name, text, false);
      }
      for (const auto& [setting, found, wanted] : topic.differences) {
        add("topics", "differs", topic.name,
            setting + " is " + found + ", weir makes it with " + wanted + "; it stays as it is",
            true);
      }
    }
    for (const std::string& name : preview_.unused_topics) {
      add("topics", "unused", name, "an earlier version's; it stays", false);
    }
  }

  void stores() {
    for (const Preview::Store& store : preview_.stores) {
      std::string text = store.why;
      const std::string records = count_of(store.changelog_records, "changelog record");
      bool is_change = true;
      switch (store.what) {
        case What::fresh:
          text = "begins empty";
          break;
        case What::kept:
          text = "goes on in " + count_of(store.tasks_here, "task");
          if (store.tasks_here < store.tasks) {
            text += "; " + std::to_string(store.tasks - store.tasks_here) +
                    " of other instances, or from " + records;
          }
          is_change = false;
          break;
        case What::restored:
          text = "from " + records + " at most: " + store.why;
          is_change = false;
          break;
        case What::unfit:
          text = store.why.empty() ? "kept in another form than this version's" : store.why;
          break;
        case What::gone:
          text = "this version has no such store";
          break;
        case What::unknown:
          break;
      }
      add("state", to_string(store.what), store.name, text, is_change);
    }
  }

  void inputs() {
    struct Sum {
      std::int64_t committed = 0;
      std::int64_t behind = 0;
      std::int64_t begun = 0;
      std::int64_t to_read = 0;
      std::int64_t lost = 0;
      bool at_first = true;
      bool at_end = true;
    };
    std::map<std::string, Sum> sums;
    for (const Preview::Input& input : preview_.inputs) {
      Sum& sum = sums[input.topic];
      const std::int64_t left = std::max<std::int64_t>(0, input.end - input.start);
      if (input.committed >= 0) {
        ++sum.committed;
        sum.behind += left;
        sum.lost += std::max<std::int64_t>(0, input.first - input.committed);
      } else {
        ++sum.begun;
        sum.to_read += left;
        sum.at_first = sum.at_first && input.start == input.first;
        sum.at_end = sum.at_end && input.start == input.end;
      }
    }
    for (const auto& [topic, sum] : sums) {
      if (sum.committed > 0) {
        add("input", "go on", topic,
            count_of(sum.committed, "partition") + ", " + count_of(sum.behind, "record") +
                " behind",
            false);
      }
      if (sum.lost > 0) {
        add("input", "lost", topic,
            count_of(sum.lost, "record") + " were deleted before the job read them", true);
      }
      if (sum.begun > 0) {
        const std::string where = sum.at_first ? " at the first record, "
                                  : sum.at_end ? " at the end, "
                                               : " at the time given, ";
        add("input", "begin", topic,
            count_of(sum.begun, "partition") + where + count_of(sum.to_read, "record") + " to read",
            true);
      }
    }
  }

  void outputs() {
    for (const Preview::Topic& topic : preview_.topics) {
      if (topic.use == Use::result) {
        add("output", "write", topic.name, topic.found > 0 ? "topic" : "topic, made above", false);
      }
    }
    for (const SinkAhead& sink : sinks_) {
      switch (sink.look.is) {
        case SinkLook::Is::ready:
          add("output", "write", sink.name, sink.kind, false);
          break;
        case SinkLook::Is::missing:
          add("output", "make", sink.name, sink.kind + ", not there yet", true);
          break;
        case SinkLook::Is::unreachable:
          add("output", "wait", sink.name, sink.look.why, false);
          break;
        case SinkLook::Is::refused:
          add("output", "refused", sink.name, sink.look.why, true);
          break;
      }
    }
  }

  const Preview& preview_;
  const std::vector<SinkAhead>& sinks_;
  std::vector<PlanLine> lines_;
};

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

}  // namespace

std::vector<PlanLine> plan_lines(const Preview& preview, const std::vector<SinkAhead>& sinks) {
  return Lines(preview, sinks).all();
}

bool has_change(const std::vector<PlanLine>& lines) {
  return std::ranges::any_of(lines, &PlanLine::is_change);
}

std::string plan_text(const std::string& job, const Preview& preview,
                      const std::vector<PlanLine>& lines) {
  constexpr std::size_t kIndent = 19;
  std::string now = preview.ran_before ? "has run before, does not run now" : "has never run";
  if (!preview.members.empty()) {
    now = count_of(static_cast<std::int64_t>(preview.members.size()), "instance") +
          " of it in the group, on " + preview.members.front();
  }
  const bool fits = job.size() + 3 + now.size() <= kPageColumns;
  std::string out = job + (fits ? "   " : "\n  ") + now + "\n";
  std::string area;
  for (const PlanLine& line : lines) {
    const std::string shown = line.area == area ? "" : line.area;
    area = line.area;
    out += "  " + padded(shown, 8) + padded(line.what, 9) +
           wrapped(line.name + "   " + line.text, kIndent, kIndent) + "\n";
  }
  if (!preview.refusal) {
    out += "it would not start: " + wrapped(preview.refusal.error().to_string(), 2, 20) + "\n";
  }
  return out;
}

std::string plan_json(const std::string& job, const Preview& preview,
                      const std::vector<PlanLine>& lines, int code) {
  std::string out = "{\"job\":" + json_quoted(job) + ",\"code\":" + std::to_string(code) +
                    ",\"changes\":" + (has_change(lines) ? "true" : "false") +
                    ",\"ran_before\":" + (preview.ran_before ? "true" : "false") +
                    ",\"instances\":" + std::to_string(preview.members.size()) + ",\"refusal\":" +
                    (preview.refusal ? "null" : json_quoted(preview.refusal.error().to_string())) +
                    ",\"lines\":[";
  for (const PlanLine& line : lines) {
    if (out.back() != '[') out += ",";
    out += "{\"area\":" + json_quoted(line.area) + ",\"what\":" + json_quoted(line.what) +
           ",\"name\":" + json_quoted(line.name) + ",\"text\":" + json_quoted(line.text) +
           ",\"change\":" + (line.is_change ? "true" : "false") + "}";
  }
  return out + "]}\n";
}

}  // namespace weir::cli
