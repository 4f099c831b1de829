// match_once against a model that keeps everything for ever and looks through all of it.
#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/stream.h>
#include <weir/testing.h>

namespace weir::match_model_test {
namespace {

const Topic<std::string, std::string> kBoth{"both"};  // "L:id" or "R:id".
const Topic<std::string, std::string> kLefts{"lefts"};
const Topic<std::string, std::string> kRights{"rights"};
const Topic<std::string, std::string> kOut{"out"};

struct Event {
  bool left;
  std::string key;
  std::string id;
  Timestamp time;
};

using Results = std::vector<std::string>;

std::string line(const std::string& key, const std::string& what, Timestamp time) {
  return key + " " + what + " @" + std::to_string(time);
}

// The rules as they are written for users, sentence by sentence.
class Model {
 public:
  explicit Model(const MatchOptions& options)
      : within_(options.within.count()),
        waits_(options.within.count() + options.delay.count()),
        remember_(options.remember.count()) {}

  void reach(Timestamp now) {
    if (now <= now_) return;
    now_ = now;
    std::vector<Waiting> out;
    for (const Waiting& w : waiting_) {
      if (w.event.time + waits_ < now_) out.push_back(w);
    }
    std::erase_if(waiting_, [&](const Waiting& w) { return w.event.time + waits_ < now_; });
    std::stable_sort(out.begin(), out.end(), [](const Waiting& a, const Waiting& b) {
      return std::tuple(a.event.time, a.event.left, a.event.key) <
             std::tuple(b.event.time, b.event.left, b.event.key);
    });
    for (const Waiting& w : out) lone(w.event, w.event.left ? "no_right" : "no_left");
  }

  void take(const Event& e) {
    const auto remembered = [&](const std::vector<Memory>& memories, const std::string& id) {
      return std::any_of(memories.begin(), memories.end(), [&](const Memory& m) {
        return m.key == e.key && m.id == id && now_ <= m.time + remember_;
      });
    };
    if (remembered(e.left ? keys_ : ids_, e.left ? "" : e.id)) {
      ++repeated;
      return;
    }
    (e.left ? keys_ : ids_).push_back({e.key, e.left ? "" : e.id, e.time});
    const auto partner = std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& w) {
      return w.event.left != e.left && w.event.key == e.key &&
             std::abs(w.event.time - e.time) <= within_;
    });
    if (partner != waiting_.end()) {
      const Event other = partner->event;
      const Event& l = e.left ? e : other;
      const Event& r = e.left ? other : e;
      results.push_back(line(e.key, "pair " + l.id + " " + r.id, std::max(l.time, r.time)));
      ++pairs;
      waiting_.erase(partner);
      matched_.push_back({e.key, "", l.time});
      for (const Waiting& w : waiting_) {
        if (!w.event.left && w.event.key == e.key) lone(w.event, "second_right");
      }
      std::erase_if(waiting_,
                    [&](const Waiting& w) { return !w.event.left && w.event.key == e.key; });
    } else if (!e.left && remembered(matched_, "")) {
      lone(e, "second_right");
    } else if (e.time + waits_ < now_) {
      lone(e, e.left ? "no_right" : "no_left");
    } else {
      waiting_.push_back({e});
    }
  }

  Results results;
  int pairs = 0;
  int lones = 0;
  int repeated = 0;

 private:
  struct Waiting {
    Event event;
  };
  struct Memory {
    std::string key;
    std::string id;
    Timestamp time;
  };
  void lone(const Event& e, const std::string& reason) {
    results.push_back(line(e.key, reason + " " + e.id, e.time));
    ++lones;
  }

  std::int64_t within_;
  std::int64_t waits_;
  std::int64_t remember_;
  Timestamp now_ = -1;
  std::vector<Waiting> waiting_;
  std::vector<Memory> keys_, ids_, matched_;
};

std::string in_words(const Lone<std::string, std::string>& lone) {
  constexpr const char* kReasons[] = {"no_right ", "no_left ", "second_right "};
  EXPECT_NE(lone.left.has_value(), lone.right.has_value());
  EXPECT_EQ(lone.left.has_value(), lone.reason == Unmatched::no_right);
  return kReasons[static_cast<int>(lone.reason)] + (lone.left ? *lone.left : *lone.right);
}

Topology topology_of(const MatchOptions& options, bool one_topic) {
  Builder builder;
  const auto lefts_and_rights = [&] {
    if (!one_topic) return std::pair{builder.stream(kLefts), builder.stream(kRights)};
    const auto [left, right] =
        builder.stream(kBoth).branch([](const std::string& value) { return value.front() == 'L'; });
    return std::pair{left, right};
  }();
  const auto bare = [](const std::string& value) { return value.substr(2); };
  const auto left = lefts_and_rights.first.map_values(bare);
  const auto right = lefts_and_rights.second.map_values(bare);
  const auto matched = left.match_once(
      "match", right, [](const std::string& id) { return id; }, options);
  using Both = Pair<std::string, std::string>;
  matched.pairs.map_values([](const Both& p) { return "pair " + p.left + " " + p.right; }).to(kOut);
  matched.unmatched.map_values(in_words).to(kOut);
  Result<Topology> plan = builder.build();
  check(static_cast<bool>(plan), "the plan is good");
  return *plan;
}

class Chance {
 public:
  explicit Chance(unsigned seed) : random_(seed) {}
  int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
  MatchOptions options() {
    const int remember[] = {3, 8, 14, 16, 40, 1000};
    return {Duration{1 + below(12)}, Duration{below(6)}, Duration{remember[below(6)]}};
  }
  Event event(Timestamp& clock) {
    clock += below(12) == 0 ? below(60) : below(4);
    const Timestamp time = std::max<Timestamp>(0, clock - (below(3) == 0 ? below(25) : 0));
    return {below(2) == 0, std::string(1, static_cast<char>('a' + below(3))),
            std::to_string(below(4)), time};
  }

 private:
  std::mt19937 random_;
};

void add(Results& all, TestDriver& driver) {
  for (const auto& result : driver.read(kOut)) {
    all.push_back(line(result.key, result.value, result.timestamp));
  }
}

// Where two lists first differ, in words; empty when they do not.
std::string difference(const Results& ours, const Results& models) {
  for (std::size_t at = 0; at < std::max(ours.size(), models.size()); ++at) {
    const std::string our = at < ours.size() ? ours[at] : "nothing";
    const std::string model = at < models.size() ? models[at] : "nothing";
    if (our != model) return "result " + std::to_string(at) + ": " + our + ", model: " + model;
  }
  return {};
}

// One topic: after a crash the records since the last commit are processed again in their order.
TEST(MatchModel, AgreesWithCommitsAndCrashesAnywhere) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    Chance chance(seed);
    const MatchOptions options = chance.options();
    Model model(options);
    TestDriver driver(topology_of(options, true), {.commit_each = false});
    Results results;
    Timestamp clock = 0;
    Timestamp reached = 0;
    int fed = 0;
    for (; fed < 60; ++fed) {
      const Event e = chance.event(clock);
      reached = std::max(reached, e.time);
      model.reach(reached);
      model.take(e);
      driver.send(kBoth, e.key, (e.left ? "L:" : "R:") + e.id, e.time);
      if (chance.below(8) == 0) driver.commit();
      if (chance.below(10) == 0) driver.crash(chance.below(2) == 0);
    }
    driver.commit();
    add(results, driver);
    ASSERT_EQ(difference(results, model.results), "") << "seed " << seed;
    model.reach(kEndOfTime);
    driver.drain();
    driver.commit();
    add(results, driver);
    ASSERT_EQ(difference(results, model.results), "") << "seed " << seed << " drained";
    ASSERT_EQ(fed, 2 * model.pairs + model.lones + model.repeated);
  }
}

// Two topics: the time of the task is the smaller one.
TEST(MatchModel, AgreesWhenOneSideIsBehind) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    Chance chance(seed);
    const MatchOptions options = chance.options();
    Model model(options);
    TestDriver driver(topology_of(options, false));
    Results results;
    Timestamp clocks[] = {0, 0};
    Timestamp reached[] = {-1, -1};
    std::uint64_t repeated = 0;
    for (int fed = 0; fed < 60; ++fed) {
      const bool left = chance.below(2) == 0;
      Event e = chance.event(clocks[left]);
      e.left = left;
      reached[left] = std::max(reached[left], e.time);
      const bool both = reached[0] >= 0 && reached[1] >= 0;
      model.reach(both ? std::min(reached[0], reached[1]) : reached[left]);
      model.take(e);
      driver.send(left ? kLefts : kRights, e.key, (left ? "L:" : "R:") + e.id, e.time);
      add(results, driver);
      ASSERT_EQ(difference(results, model.results), "") << "seed " << seed << " record " << fed;
      if (chance.below(10) > 0) continue;
      repeated += driver.discarded("duplicate");
      driver.crash(chance.below(2) == 0);
      repeated -= driver.discarded("duplicate");  // Whether or not counters live on.
    }
    repeated += driver.discarded("duplicate");
    EXPECT_EQ(repeated, static_cast<std::uint64_t>(model.repeated)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace weir::match_model_test
