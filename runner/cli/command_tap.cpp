#include <chrono>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/json_view.h"
#include "cli/layout.h"
#include "cli/numbers.h"
#include "cli/running_url.h"
#include "cli/where.h"
#include "http/server.h"
#include "run/signals.h"

namespace weir::cli {

namespace {

using Clock = std::chrono::steady_clock;
constexpr Duration kFetchEvery{250};

struct Wish {
  std::string step;
  std::string where;
  bool in = true;
  bool out = true;
  std::int64_t rate = 100;
  std::optional<std::int64_t> limit{};
  std::optional<std::int64_t> for_ms{};
  bool json = false;
};

class Tapping {
 public:
  Tapping(const RunningTarget& target, const Wish& wish, Terminal& terminal)
      : wish_(wish),
        terminal_(terminal),
        url_(target.url),
        base_("/api/v1/tap?job=" + url_quoted(target.job)) {}

  int run(run::StopSignals& signals) {
    int code = kGood;
    const auto opened =
        ask("tap", url_,
            base_ + "&step=" + url_quoted(wish_.step) + "&in=" + (wish_.in ? "1" : "0") +
                "&out=" + (wish_.out ? "1" : "0") + "&rate=" + std::to_string(wish_.rate),
            terminal_, code);
    if (!opened) return code;
    id_ = JsonView(*opened)["id"].string();
    const auto begun = Clock::now();
    while (!full() && !signals.wait(kFetchEvery) && std::ferror(stdout) == 0) {
      const bool last = wish_.for_ms && Clock::now() - begun >= Duration(*wish_.for_ms);
      if (!fetch(code, false)) return code;
      if (last) break;
    }
    fetch(code, true);
    terminal_.say(grouped(seen_) + " records passed, " + grouped(seen_ - unseen_) +
                  " were looked at, " + grouped(shown_) + " shown");
    return code;
  }

 private:
  bool full() const { return wish_.limit && shown_ >= *wish_.limit; }

  bool fetch(int& code, bool last) {
    std::string path = base_ + "&id=" + url_quoted(id_);
    if (!wish_.where.empty()) path += "&where=" + url_quoted(wish_.where);
    if (last) path += "&close=1";
    const auto body = ask("tap", url_, path, terminal_, code);
    if (!body) return false;
    const JsonView answer(*body);
    seen_ += static_cast<std::int64_t>(answer["seen"].number());
    unseen_ += static_cast<std::int64_t>(answer["unseen"].number());
    for (const JsonView& record : answer["records"].list()) show(record);
    return true;
  }

  void show(const JsonView& record) {
    if (full()) return;
    ++shown_;
    if (wish_.json) {
      terminal_.print(std::string(record.text()) + "\n");
      return;
    }
    std::string line = record["side"].string() == "in" ? "> " : "< ";
    line += record["time"].string() + "  " +
            (record["key"].is_null() ? "-" : record["key"].string()) + "  " +
            std::string(record["value"].text());
    if (!record["too_long"].is_null()) {
      line += " (" + std::string(record["too_long"].text()) + " bytes: too long to be shown)";
    }
    terminal_.print(folded(line + "\n", 2, Terminal::result_columns()));
  }

  const Wish& wish_;
  Terminal& terminal_;
  const std::string url_;
  const std::string base_;
  std::string id_;
  std::int64_t seen_ = 0;
  std::int64_t unseen_ = 0;
  std::int64_t shown_ = 0;
};

}  // namespace

int tap(const Call& call, Terminal& terminal) {
  const auto wrong = [&](const std::string& text) {
    return terminal.complain("weir tap: " + text), kUsage;
  };
  Wish wish{.step = call.operands().back(), .where = call.value_or("--where", "")};
  if (call.has("--in") != call.has("--out")) {
    wish.in = call.has("--in");
    wish.out = call.has("--out");
  }
  wish.json = call.value_or("--output", "text") == "json";
  wish.limit = integer_of(call, "--limit");
  if (call.has("--limit") && !wish.limit) return wrong("--limit takes a number");
  wish.for_ms = duration_of(call, "--for");
  if (call.has("--for") && !wish.for_ms) return wrong("--for takes a duration such as 10s");
  if (call.has("--rate")) {
    const auto rate = integer_of(call, "--rate");
    if (!rate || *rate < 1 || *rate > 10'000) return wrong("--rate takes a number from 1 to 10000");
    wish.rate = *rate;
  }
  if (!wish.where.empty()) {
    const Result<std::unique_ptr<Where>> made = Where::make(wish.where);
    if (!made) return wrong("--where: " + made.error().to_string());
  }
  int code = kGood;
  const auto target = running_target(call, call.operands().front(), terminal, code);
  if (!target) return code;
  run::StopSignals signals;
  return Tapping(*target, wish, terminal).run(signals);
}

}  // namespace weir::cli
