// What `weir doctor` finds: each with a verdict, a reason, and what to do next.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <weir/time.h>

namespace weir::cli {

enum class Verdict {
  ok,
  unknown,  // It cannot be known from here; the reason says why.
  warn,     // It works, and will hurt one day.
  bad,      // The job does not start, or does not do what it says.
};
std::string_view name_of(Verdict verdict);

struct Finding {
  std::string area{};  // "brokers", "topics", ...
  Verdict verdict = Verdict::ok;
  std::string reason{};
  std::string next{};  // Empty where nothing is to be done.
};

class Findings {
 public:
  void ok(std::string area, std::string reason) {
    all_.push_back({std::move(area), Verdict::ok, std::move(reason), ""});
  }
  void unknown(std::string area, std::string reason, std::string next = "") {
    all_.push_back({std::move(area), Verdict::unknown, std::move(reason), std::move(next)});
  }
  void warn(std::string area, std::string reason, std::string next) {
    all_.push_back({std::move(area), Verdict::warn, std::move(reason), std::move(next)});
  }
  void bad(std::string area, std::string reason, std::string next) {
    all_.push_back({std::move(area), Verdict::bad, std::move(reason), std::move(next)});
  }
  const std::vector<Finding>& all() const { return all_; }
  // ok where only things stand that are not known.
  Verdict worst() const;

 private:
  std::vector<Finding> all_;
};

// Of one job.
struct Examination {
  std::string job{};
  std::string file{};
  Findings findings{};
};

// With at most so many columns; without what is ok when `brief`.
std::string findings_text(const Examination& one, bool brief, bool color);
// The line below them all: how many there are of each.
std::string findings_summary(const std::vector<Examination>& all);
std::string findings_json(const std::vector<Examination>& all);

}  // namespace weir::cli
