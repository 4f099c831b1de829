#include <utility>

#include "simulation/steps.h"

namespace weir::simulation {

namespace {

JoinOptions random_options(Making& making) {
  JoinOptions options;
  options.before = making.ms(0, 25);
  options.after = making.ms(0, 25);
  options.grace = making.ms(0, 20);
  options.type = static_cast<JoinType>(making.below(3));
  return options;
}

// Records of a key in one task, whatever the two streams went through.
Flow through_topic(const Flow& flow, const std::string& name) {
  return flow.repartition(name, {.partitions = 3});
}

bool is_even(const std::int64_t& value) { return value % 2 == 0; }

}  // namespace

Part join_step(Making& making, Part left, Part right) {
  const std::string name = making.name();
  const JoinOptions options = random_options(making);
  const bool anti = making.below(4) == 0;
  constexpr const char* kTypes[] = {"inner", "left", "outer"};
  making.say(name + " = " + (anti ? "anti" : kTypes[static_cast<int>(options.type)]) + " join -" +
             std::to_string(options.before->count()) + " +" +
             std::to_string(options.after->count()) + " grace " +
             std::to_string(options.grace.count()));
  Items items = joined(left.items, right.items, options, anti, making.plan.dead);
  const Flow flow = [&]() -> Flow {
    if (anti) return left.flow.anti_join(name, right.flow, options);
    return left.flow.join(name, right.flow, join_value, options);
  }();
  Part out{flow, std::move(items)};
  out.keyed = true;
  return out;
}

Part self_join_step(Making& making, Part in) {
  const auto [even, odd] = in.flow.branch(is_even);
  Part left{even, {}}, right{odd, {}};
  for (const Item& item : in.items) {
    (item.value % 2 == 0 ? left : right).items.push_back(item);
  }
  if (!in.keyed && making.below(2) == 0) {
    making.say("by repartition topics");
    left.flow = through_topic(left.flow, "evens" + std::to_string(making.steps));
    right.flow = through_topic(right.flow, "odds" + std::to_string(making.steps));
  }
  return join_step(making, std::move(left), std::move(right));
}

Part match_step(Making& making, Part left, Part right, const MatchOptions& options) {
  const std::string name = making.name();
  making.say(name + " = match once by key " + std::to_string(options.within.count()) + "+" +
             std::to_string(options.delay.count()));
  const auto id = [](const std::int64_t& value) { return std::to_string(value); };
  const auto matched =
      through_topic(left.flow, name + "-orders")
          .match_once(name, through_topic(right.flow, name + "-payments"), id, options);
  const Flow pairs = matched.pairs.map_values([](const Pair<std::int64_t, std::int64_t>& pair) {
    return pair_value(pair.left, pair.right);
  });
  const Flow lones = matched.unmatched.map_values([](const Lone<std::int64_t, std::int64_t>& lone) {
    return lone_value(lone.reason, lone.left ? *lone.left : *lone.right);
  });
  return {pairs.merge(lones), matched_by_key(left.items, right.items, options, making.plan.dead)};
}

}  // namespace weir::simulation
