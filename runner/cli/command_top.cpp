#include <algorithm>
#include <chrono>
#include <memory>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/key_input.h"
#include "cli/numbers.h"
#include "cli/running_url.h"
#include "cli/top_screen.h"
#include "http/server.h"
#include "run/signals.h"

namespace weir::cli {

namespace {

using Clock = std::chrono::steady_clock;

// An answer of /api/v1/top and when it came.
struct Look {
  std::string body{};
  Clock::time_point at = Clock::now();
};

// The job with that name, or the first where none is given.
JsonView job_of(const JsonView& answer, const std::string& name) {
  for (const JsonView& job : answer["jobs"].list()) {
    if (name.empty() || job["job"].string() == name) return job;
  }
  return {};
}

std::string names_in(const JsonView& answer) {
  std::string names;
  for (const JsonView& job : answer["jobs"].list()) {
    names += (names.empty() ? "" : ", ") + job["job"].string();
  }
  return names;
}

class Top {
 public:
  Top(RunningTarget target, Duration interval, TopView view, Terminal& terminal)
      : target_(std::move(target)),
        interval_(interval),
        view_(std::move(view)),
        terminal_(terminal) {}

  int once(run::StopSignals& signals) {
    int code = kGood;
    if (!look(code) || !knows_job(code)) return code;
    if (signals.wait(interval_)) return kInterrupted;
    if (!look(code)) return code;
    terminal_.print(screen());
    return kGood;
  }

  int live(run::StopSignals& signals) {
    int code = kGood;
    if (!look(code) || !knows_job(code)) return code;
    KeyInput keys;
    Clock::time_point next = Clock::now() + Duration(500);  // Soon, since two make a rate.
    for (;;) {
      keys.draw(clipped_to(screen_with_keys()));
      const auto left = std::chrono::duration_cast<Duration>(next - Clock::now());
      if (const auto key = keys.wait(std::clamp(left, Duration(0), Duration(250)))) {
        if (!take_key(*key)) return kGood;
      }
      if (signals.wait(Duration(0))) return kGood;
      if (Clock::now() < next) continue;
      next = Clock::now() + interval_;
      look_again();
    }
  }

 private:
  bool look(int& code) {
    const auto body = ask("top", target_.url, "/api/v1/top", terminal_, code);
    if (!body) return false;
    before_ = std::exchange(now_, Look{*body});
    return true;
  }
  // A job that is gone for a while, such as during a restart, is waited for.
  void look_again() {
    const Result<http::Answer> answer = http::get(target_.url, "/api/v1/top");
    gone_ = !answer || answer->status != 200;
    if (!gone_) before_ = std::exchange(now_, Look{answer->body});
  }
  bool knows_job(int& code) {
    const JsonView answer(now_.body);
    if (!job_of(answer, target_.job).is_null()) return true;
    terminal_.complain("weir top: no job '" + target_.job + "' runs at " + target_.url +
                       " (there runs " + names_in(answer) + ")");
    code = kUsage;
    return false;
  }

  std::string screen() const {
    const JsonView now(now_.body);
    const JsonView before(before_.body.empty() ? now_.body : before_.body);
    const double seconds = std::chrono::duration<double>(now_.at - before_.at).count();
    TopView view = view_;
    view.columns = Terminal::columns(stdout);
    view.color = terminal_.colors_results();
    return top_screen(job_of(now, target_.job), job_of(before, target_.job), now["limits"],
                      std::max(seconds, 0.001), view);
  }
  std::string screen_with_keys() const {
    std::string keys = "q quit   s sort";
    if (!view_.sort.empty()) keys += " (" + view_.sort + ")";
    keys += "   / filter";
    if (typing_ || !view_.filter.empty()) keys += ": " + view_.filter + (typing_ ? "_" : "");
    if (gone_) keys += "   nobody answers at " + target_.url;
    return screen() + "\n" + keys;
  }
  // What does not fit the height would scroll.
  static std::string clipped_to(const std::string& text) {
    std::size_t lines = Terminal::rows(stdout);
    std::size_t end = 0;
    while (lines-- > 0 && end != std::string::npos) end = text.find('\n', end == 0 ? 0 : end + 1);
    return text.substr(0, end);
  }

  // False: enough.
  bool take_key(char key) {
    if (typing_) {
      if (key == '\n' || key == '\r' || key == '\033') {
        typing_ = false;
        if (key == '\033') view_.filter.clear();
      } else if (key == '\b' || key == 127) {
        if (!view_.filter.empty()) view_.filter.pop_back();
      } else {
        view_.filter += key;
      }
    } else if (key == '/') {
      typing_ = true;
      view_.filter.clear();
    } else if (key == 's') {
      const auto at = std::ranges::find(kTopSorts, view_.sort.empty() ? "job" : view_.sort);
      const bool last = at == std::end(kTopSorts) || at + 1 == std::end(kTopSorts);
      view_.sort = last ? kTopSorts[0] : *(at + 1);
    }
    return key != 'q' || typing_;
  }

  const RunningTarget target_;
  const Duration interval_;
  TopView view_;
  Terminal& terminal_;
  Look before_;
  Look now_;
  bool typing_ = false;
  bool gone_ = false;
};

}  // namespace

int top(const Call& call, Terminal& terminal) {
  if (call.has("--interval") && duration_of(call, "--interval").value_or(0) < 100) {
    return terminal.complain("weir top: --interval takes a duration from 100ms, such as 2s"),
           kUsage;
  }
  int code = kGood;
  const auto target =
      running_target(call, call.operands().empty() ? "" : call.operands().front(), terminal, code);
  if (!target) return code;
  if (call.value_or("--output", "text") == "json") {
    const auto body = ask("top", target->url, "/api/v1/top", terminal, code);
    if (body) terminal.print(*body);
    return code;
  }
  run::StopSignals signals;
  Top top(*target, Duration(duration_of(call, "--interval").value_or(1000)),
          {.sort = call.value_or("--sort", ""), .filter = call.value_or("--filter", "")}, terminal);
  if (call.has("--once")) return top.once(signals);
  if (!Terminal::is_terminal(stdout) || !Terminal::is_terminal(stdin)) {
    return terminal.complain("weir top: this is no terminal (--once prints one look)"), kUsage;
  }
  return top.live(signals);
}

}  // namespace weir::cli
