// What the three jobs are fed with in tests, and what must come of it: each load keeps a model of
// the results beside what it writes, and compares in the end.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "broker/contract.h"

namespace weir::tests {

inline constexpr std::int32_t kLoadPartitions = 3;

// The value of a member of flat JSON, as text.
std::string member(const std::string& json, const std::string& name);

class JobLoad {
 public:
  struct Options {
    Timestamp start = 0;        // The beginning of a minute.
    Duration pace{50};          // Of event time, from one record to the next.
    Duration disorder{0};       // How much older than those before it a record may be.
    Duration payment_delay{1};  // Of a payment behind its order.
    std::size_t padding = 0;    // Bytes that nobody reads, per record.
    unsigned crowd = 0;         // Of a hundred records, those that all go to the first partition.
    unsigned seed = 1;
  };
  using Write = std::function<void(const std::string& topic, std::int32_t partition, Timestamp time,
                                   const std::string& json)>;
  using Read = std::function<std::vector<Seen>(const std::string& topic)>;

  virtual ~JobLoad() = default;

  virtual std::string job() const = 0;
  virtual std::vector<std::string> inputs() const = 0;
  // Writes the next records.
  virtual void write(int count, const Write& to) = 0;
  // Writes what belongs to records that were written.
  virtual void finish(const Write& to) { static_cast<void>(to); }
  // Compares all results with the model.
  virtual void check(const Read& read) const = 0;

  // Event time passes without a record.
  void skip(Duration time) { skipped_ += time.count(); }
  std::uint64_t written() const { return written_; }  // Records of all topics.
  // Results by reason: unmatched or dead, and duplicates as `duplicate`.
  const std::map<std::string, std::size_t>& by_reason() const { return by_reason_; }

 protected:
  explicit JobLoad(const Options& options) : options_(options), random_(options.seed) {}

  void put(const Write& to, const std::string& topic, std::int32_t partition, Timestamp time,
           std::string json);
  std::int32_t any_partition() {
    if (options_.crowd > 0 && random_() % 100 < options_.crowd) return 0;
    return static_cast<std::int32_t>(random_() % static_cast<unsigned>(kLoadPartitions));
  }
  Timestamp clock() const { return options_.start + steps_ * options_.pace.count() + skipped_; }
  // The time of the next record.
  Timestamp next_time();
  void check_dead_letters(const Read& read, const std::set<std::string>& reasons) const;

  const Options options_;
  std::mt19937 random_;
  std::int64_t steps_ = 0;
  std::int64_t skipped_ = 0;
  std::uint64_t written_ = 0;
  std::map<std::string, std::size_t> by_reason_;
};

// By name: sliding-counts, order-analytics, order-payments.
std::unique_ptr<JobLoad> make_load(const std::string& job, const JobLoad::Options& options);

}  // namespace weir::tests
