#include "cli/progress.h"

#include <map>

#include "cli/numbers.h"
#include <weir/version.h>

namespace weir::cli {

namespace {

using Seconds = std::chrono::duration<double>;
constexpr Seconds kPlainEvery{10};
constexpr Seconds kLivelyEvery{0.5};

std::string padded(std::string_view text, std::size_t width) {
  std::string out(text);
  if (out.size() < width) out.append(width - out.size(), ' ');
  return out;
}

std::string bar(double share) {
  constexpr int kCells = 20;
  std::string out;
  for (int i = 0; i < kCells; ++i) out += i < static_cast<int>(share * kCells) ? "█" : "░";
  return out;
}

}  // namespace

std::string totals_line(const RunningJobs& jobs) {
  std::uint64_t in = 0;
  std::uint64_t out = 0;
  std::map<std::string, std::uint64_t> reasons;
  for (const auto& job : jobs) {
    const AppSnapshot now = job->snapshot();
    in += now.total_in().records;
    out += now.total_out().records;
    for (const auto& [reason, count] : now.discarded_by_reason()) {
      reasons["discarded." + reason] += count;
    }
    for (const auto& [reason, count] : now.dead_letters) reasons["dlq." + reason] += count;
  }
  std::string line = "totals in=" + std::to_string(in) + " out=" + std::to_string(out);
  for (const auto& [reason, count] : reasons) line += " " + reason + "=" + std::to_string(count);
  return line;
}

void Progress::tick(std::string_view what, std::string_view text) {
  const std::string mark = lively_ ? "  " + styled("✔", "32", terminal_.colors_words()) + " " : "";
  terminal_.say(mark + padded(what, lively_ ? 12 : 0) + (lively_ ? " " : ": ") + std::string(text));
}

std::string Progress::awaited(const RunningJobs& jobs) {
  std::uint64_t left = 0;
  std::uint64_t done = 0;
  std::string line;
  for (const auto& job : jobs) {
    if (job->was_ready()) continue;
    line += (line.empty() ? "" : ", ") + job->setup().name + " " + to_string(job->state());
    const AppSnapshot now = job->snapshot();
    left += now.restore_remaining();
    for (const auto& store : now.stores) done += store.restored;
  }
  if (left > 0) line += ", " + std::to_string(100 * done / (done + left)) + "% restored";
  return line;
}

std::string Progress::restoring(const RunningJobs& jobs) {
  std::uint64_t left = 0;
  std::uint64_t done = 0;
  for (const auto& job : jobs) {
    const AppSnapshot now = job->snapshot();
    left += now.restore_remaining();
    for (const auto& store : now.stores) done += store.restored;
  }
  if (left == 0) return "";
  const auto at = Clock::now();
  const double seconds = Seconds(at - restored_.at).count();
  const double rate = restored_.at == Clock::time_point() || seconds <= 0
                          ? 0
                          : static_cast<double>(done - std::min(done, restored_.in)) / seconds;
  restored_ = {.in = done, .out = 0, .at = at};
  const double all = static_cast<double>(done + left);
  std::string line = bar(static_cast<double>(done) / all) + "  " +
                     short_number(static_cast<double>(done)) + " of " + short_number(all);
  if (rate > 0) {
    line += "   " + short_number(rate) + "/s   " +
            std::to_string(static_cast<std::int64_t>(static_cast<double>(left) / rate) + 1) +
            " s left";
  }
  return line;
}

std::string Progress::numbers(const RunningJobs& jobs, Timestamp) {
  Rate now{.at = Clock::now()};
  std::int64_t lag = 0;
  Timestamp slowest = kNoTime;
  Timestamp taken = 0;
  std::map<std::string, std::uint64_t> reasons;
  std::uint64_t dead = 0;
  for (const auto& job : jobs) {
    const AppSnapshot one = job->snapshot();
    now.in += one.total_in().records;
    now.out += one.total_out().records;
    for (const auto& input : one.inputs) {
      if (input.lag > 0) lag += input.lag;
      const bool tells = input.is_source && input.time != kNoTime && input.time != kEndOfTime;
      if (tells && (slowest == kNoTime || input.time < slowest)) slowest = input.time;
    }
    taken = one.taken;
    for (const auto& [reason, count] : one.discarded_by_reason()) reasons[reason] += count;
    for (const auto& [reason, count] : one.dead_letters) dead += count;
  }
  const bool first = before_.at == Clock::time_point();
  const double seconds = Seconds(now.at - (first ? start_ : before_.at)).count();
  const auto rate = [&](std::uint64_t a, std::uint64_t b) {
    return short_number(seconds > 0 ? static_cast<double>(a - std::min(a, b)) / seconds : 0) + "/s";
  };
  std::string line = clock_text(Seconds(now.at - start_).count()) + "  in " +
                     rate(now.in, before_.in) + "   out " + rate(now.out, before_.out) + "   lag " +
                     grouped(lag);
  if (slowest != kNoTime) {
    line += "   time -" + duration_text(std::max<Timestamp>(0, taken - slowest) / 1000 * 1000);
  }
  for (const auto& [reason, count] : reasons) {
    line += "   " + reason + " " + grouped(static_cast<std::int64_t>(count));
  }
  line += "   dead letters " + grouped(static_cast<std::int64_t>(dead));
  before_ = now;
  return line;
}

void Progress::say_words(const RunningJobs& jobs) {
  for (const auto& job : jobs) {
    for (const auto& [level, text] : job->take_words()) {
      if (level > 6 || (level == 6 && lively_)) continue;
      const Level how = level <= 3 ? Level::error : level == 4 ? Level::warn : Level::news;
      terminal_.log(how, job->setup().name, text);
    }
  }
}

void Progress::look(const RunningJobs& jobs) {
  say_words(jobs);
  const auto now = Clock::now();
  if (now - said_ < (lively_ ? kLivelyEvery : kPlainEvery)) return;
  said_ = now;
  if (stopping_) return;
  if (!ready_) {
    const std::string state = to_string(jobs.front()->state());
    const std::string bar_text = restoring(jobs);
    const std::string line = state + (bar_text.empty() ? " ..." : "  " + bar_text);
    lively_ ? terminal_.draw("  - " + line) : terminal_.say(line);
    return;
  }
  const std::string line = numbers(jobs, 0);
  lively_ ? terminal_.draw(" " + line) : terminal_.say(line);
}

void Progress::ready(const RunningJobs& jobs, const std::string& url) {
  ready_ = true;
  said_ = Clock::now();
  std::string names;
  for (const auto& job : jobs) {
    names += (names.empty() ? "" : ", ") + job->setup().name;
    for (const std::string& topic : job->created_topics()) {
      if (lively_) tick("topics", "created " + topic);
    }
  }
  char took[32];
  std::snprintf(took, sizeof took, "%.1f s", Seconds(Clock::now() - start_).count());
  const std::string text = names + ", ready after " + took;
  if (url.empty()) return tick("running", text);
  if (!lively_) return tick("running", text + "   " + url + "/metrics");
  tick("running", text);
  tick("http", url + "/metrics, /readyz, /api/v1/job");
}

void Progress::stopping() {
  stopping_ = true;
  terminal_.say("stopping: committing ...");
}

}  // namespace weir::cli
