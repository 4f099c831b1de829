// Runs a plan: one record after the other, in the order in which they are to be sent. The same
// plan, options and seed give the same records.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "generate/evaluate.h"
#include "generate/plan.h"

namespace weir::generate {

enum class Mark { good, out_of_order, late, duplicate, malformed };

struct Made {
  std::size_t stream = 0;  // Of Plan::streams.
  std::optional<std::string> key;
  std::string value;
  Timestamp time = 0;       // The record's timestamp.
  std::int64_t due_ms = 0;  // When to send it, from the start.
  Mark mark = Mark::good;
};

struct GeneratorOptions {
  Timestamp start = 0;  // The time of the first record.
  bool faults = true;
};

class Generator {
 public:
  // REQUIRES: the plan outlives this.
  Generator(const Plan& plan, GeneratorOptions options);

  // There is always a next one.
  Made next();

  // How many records of a stream that follows another one are still to come of what was made.
  std::int64_t waiting(std::size_t stream) const { return waiting_[stream]; }

 private:
  // What is to happen at a time.
  struct Turn {
    std::int64_t due_ms = 0;
    std::uint64_t number = 0;  // Breaks ties: what was planned first comes first.
    std::size_t stream = 0;
    std::optional<Row> leader{};  // Of a follower.
    std::optional<Made> again{};  // A duplicate.
    bool operator<(const Turn& other) const {
      return due_ms != other.due_ms ? due_ms > other.due_ms : number > other.number;
    }
  };

  void plan_next(std::size_t stream);
  void plan_followers(std::size_t stream, std::int64_t due_ms, const Row& row);
  Row make_row(std::size_t stream, Timestamp time, const Row* leader);
  Timestamp disturbed(const StreamPlan& stream, Timestamp time, Mark& mark);
  bool happens(const Fault& fault);
  std::int64_t drawn(const Span& span);

  const Plan& plan_;
  GeneratorOptions options_;
  Random random_;
  std::map<const expression::Expr*, std::int64_t> counters_;
  std::vector<std::uint64_t> made_;  // Of each leading stream.
  std::vector<std::int64_t> waiting_;
  std::priority_queue<Turn> turns_;
  std::uint64_t turns_planned_ = 0;
};

}  // namespace weir::generate
