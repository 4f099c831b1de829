// A processor with stores against the same thing in plain maps.
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "model/random_run.h"
#include <weir/stream.h>

namespace weir::model::processor_model_test {
namespace {

constexpr std::uint64_t kSeeds = 2000;

const Topic<std::string, std::int64_t> kIn{"in"};
const Topic<std::string, std::int64_t> kOut{"out"};
const KeyValueStore<std::string, std::int64_t> kSums{"sums"};
const KeyValueStore<std::string, std::int64_t> kPeaks{"peaks"};

// The rule both sides follow: a sum per key, which a value of 9 takes away; and the time at which
// each key had its largest sum.
struct Ledger {
  using Out = Record<std::string, std::int64_t>;
  Store<std::string, std::int64_t>* sums = nullptr;
  Store<std::string, std::int64_t>* peaks = nullptr;

  void init(Context<Out>& ctx) {
    sums = &ctx.store(kSums);
    peaks = &ctx.store(kPeaks);
  }
  void process(const Out& record, Context<Out>& ctx) {
    if (record.value == 9) return sums->erase(record.key);
    const std::int64_t sum = sums->get(record.key).value_or(0) + record.value;
    sums->put(record.key, sum);
    if (sum > peaks->get(record.key).value_or(0)) peaks->put(record.key, sum);
    ctx.forward(record.with_value(sum));
  }
};

struct Model {
  std::map<std::string, std::int64_t> sums, peaks;
  std::vector<std::string> lines;

  void take(const Event& event) {
    if (event.value == 9) {
      sums.erase(event.key);
      return;
    }
    const std::int64_t sum = sums[event.key] += event.value;
    peaks[event.key] = std::max(peaks[event.key], sum);
    lines.push_back(event.key + " " + std::to_string(sum) + " @" + std::to_string(event.time));
  }
};

TEST(ProcessorModel, StoresAgreeWithCommitsAndCrashesAnywhere) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    Random random(seed);
    Builder builder;
    builder.stream(kIn).process("ledger", Ledger{}, {kSums, kPeaks}).to(kOut);
    TestDriver driver(*builder.build(), {.commit_each = false});
    const std::vector<Event> events = random_events(random, {});
    Model model;
    for (const Event& event : events) model.take(event);
    play(driver, kIn, events, random);
    driver.commit();
    std::vector<std::string> lines;
    for (const auto& [key, value, time] : driver.read(kOut)) {
      lines.push_back(key + " " + std::to_string(value) + " @" + std::to_string(time));
    }
    ASSERT_EQ(lines, model.lines) << "seed " << seed;
    auto sums = driver.store(kSums);
    auto peaks = driver.store(kPeaks);
    for (const std::string key : {"a", "b", "c"}) {
      const auto sum = model.sums.find(key);
      const auto peak = model.peaks.find(key);
      ASSERT_EQ(sums.get(key).value_or(-1), sum == model.sums.end() ? -1 : sum->second)
          << "seed " << seed;
      ASSERT_EQ(peaks.get(key).value_or(-1), peak == model.peaks.end() ? -1 : peak->second)
          << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace weir::model::processor_model_test
