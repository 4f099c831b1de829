#include <utility>

#include "simulation/steps.h"

namespace weir::simulation {

namespace {

struct Sum {
  std::int64_t total = 0;
  void add(const std::int64_t& value) { total += value; }
  void merge(const Sum& other) { total += other.total; }
  void write(std::string& out) const { append_zigzag(out, total); }
  bool read(std::string_view& in) { return read_zigzag(in, total); }
};

// Cannot be merged, and notices any other order.
struct Folded {
  std::int64_t total = 0;
  void add(const std::int64_t& value) { total = fold(Fold::in_order, total, value); }
  void write(std::string& out) const { append_zigzag(out, total); }
  bool read(std::string_view& in) { return read_zigzag(in, total); }
};

std::int64_t total(const Sum& sum) { return sum.total; }
std::int64_t total_in_order(const Folded& folded) { return folded.total; }

std::string named(const std::string& key, const Window& window) {
  return key + "@" + std::to_string(window.start);
}
template <class V>
std::string with_start(const Windowed<std::string>& key, const V&) {
  return named(key.key, key.window);
}
template <class V>
std::string without_start(const Windowed<std::string>& key, const V&) {
  return key.key;
}
template <class S>
Flow flow_of(const S& results, bool bare) {
  using V = typename S::Value;
  return bare ? results.rekey(without_start<V>) : results.rekey(with_start<V>);
}

Windows random_windows(Making& making) {
  constexpr std::pair<int, int> kShapes[] = {{20, 0},  {40, 10}, {60, 20},
                                             {45, 30}, {15, 5},  {200, 50}};
  const auto [size, every] = kShapes[making.below(6)];
  return {.size = Duration{size},
          .every = Duration{every},
          .grace = making.below(2) == 0 ? Duration{0} : making.ms(1, 40)};
}

std::string in_words(const Windows& windows) {
  return std::to_string(windows.size.count()) + "/" + std::to_string(windows.every.count()) + "+" +
         std::to_string(windows.grace.count());
}

Part all_step(Making& making, Part in, const Windows& windows) {
  const std::string name = making.name();
  making.say(name + " = global windows " + in_words(windows));
  const auto sums = in.flow.group_all().windowed(windows).aggregate(name, Sum{}, &Sum::add);
  const Flow flow = sums.map_values(total).rekey(
      [](const Windowed<NoKey>& key, const std::int64_t&) { return named("all", key.window); });
  return {flow, WindowModel{windows, Fold::sum, true}(in.items, making.plan.dead), false, true};
}

}  // namespace

Part window_step(Making& making, Part in) {
  const Windows windows = random_windows(making);
  const std::int64_t dice = making.below(5);
  if (dice == 0) return all_step(making, std::move(in), windows);
  const std::string name = making.name();
  WindowModel model{windows, dice == 1 ? Fold::greatest : Fold::sum};
  model.bare = making.below(2) == 0;
  making.say(name + " = windows " + in_words(windows) + (model.bare ? " bare" : ""));
  auto windowed = in.flow.group_by_key().windowed(windows);
  Items late;
  const bool keeps_late = making.below(3) == 0;
  if (keeps_late) windowed = windowed.late_to(FlowTopic{name + "-late"});
  const Flow flow = [&] {
    if (dice > 1) {
      return flow_of(windowed.aggregate(name, Sum{}, &Sum::add).map_values(total), model.bare);
    }
    const auto greatest = [](std::int64_t& most, const std::int64_t& value) {
      most = std::max(most, value);
    };
    return flow_of(windowed.reduce(name, greatest), model.bare);
  }();
  Items items = model(in.items, making.plan.dead, &late);
  if (keeps_late) making.plan.outputs.push_back(output_of(name + "-late", late, false));
  return {flow, std::move(items), false, true};
}

Part session_step(Making& making, Part in) {
  const std::string name = making.name();
  const Session windows{making.ms(1, 30), Duration{in.exact ? making.below(20) : in.disorder}};
  making.say(name + " = sessions " + std::to_string(windows.gap.count()) + "+" +
             std::to_string(windows.grace.count()));
  const auto sums = in.flow.group_by_key().windowed(windows).aggregate(name, Sum{}, &Sum::add);
  return {flow_of(sums.map_values(total), false),
          session_sums(in.items, windows, in.exact, making.plan.dead), false, true};
}

Part per_event_step(Making& making, Part in) {
  const std::string name = making.name();
  const PerEvent windows{making.ms(0, 30), Duration{in.exact ? making.below(20) : in.disorder}};
  making.say(name + " = per event " + std::to_string(windows.size.count()) + "+" +
             std::to_string(windows.grace.count()));
  const auto sums = in.flow.group_by_key().windowed(windows).aggregate(name, Sum{}, &Sum::add);
  return {flow_of(sums.map_values(total), false),
          per_event_sums(in.items, windows, making.plan.dead), false, true};
}

namespace {

Part folds_step(Making& making, Part in) {
  const Windows windows = random_windows(making);
  const std::string name = making.name();
  making.say(name + " = folds in order " + in_words(windows));
  const auto folds =
      in.flow.group_by_key().windowed(windows).aggregate(name, Folded{}, &Folded::add);
  return {flow_of(folds.map_values(total_in_order), false),
          WindowModel{windows, Fold::in_order}(in.items, making.plan.dead), false, true};
}

Part updates_step(Making& making, Part in) {
  const Windows windows{.size = Duration{40}, .grace = making.ms(0, 40)};
  const std::string name = making.name();
  making.say(name + " = updates " + in_words(windows));
  const auto sums =
      in.flow.group_by_key().windowed(windows).aggregate(name, Sum{}, &Sum::add, Emit::on_update);
  return {flow_of(sums.map_values(total), false),
          window_updates(in.items, windows, making.plan.dead),
          false,
          true,
          0,
          true};
}

Part deduplicate_step(Making& making, Part in) {
  const std::string name = making.name();
  const Duration within = making.ms(1, 60);
  making.say(name + " = deduplicate " + std::to_string(within.count()));
  const auto id = [](const std::string& key, const std::int64_t& value) {
    return key + "#" + std::to_string(value % 4);
  };
  in.flow = in.flow.deduplicate(name, id, {.within = within});
  in.items = first_of_ids(in.items, within, making.plan.dead);
  return in;
}

Part match_in_order_step(Making& making, Part in) {
  const std::string name = making.name();
  const MatchOptions options{making.ms(1, 30), making.ms(0, 15), making.ms(5, 200)};
  making.say(name + " = match once " + std::to_string(options.within.count()) + "+" +
             std::to_string(options.delay.count()) + " remembered " +
             std::to_string(options.remember.count()));
  const auto [left, right] =
      in.flow.branch([](const std::int64_t& value) { return value % 2 == 0; });
  const auto id = [](const std::int64_t& value) { return std::to_string(value % 4); };
  const auto matched = left.match_once(name, right, id, options);
  const Flow pairs = matched.pairs.map_values([](const Pair<std::int64_t, std::int64_t>& pair) {
    return pair_value(pair.left, pair.right);
  });
  const Flow lones = matched.unmatched.map_values([](const Lone<std::int64_t, std::int64_t>& lone) {
    return lone_value(lone.reason, lone.left ? *lone.left : *lone.right);
  });
  return {pairs.merge(lones), matched_in_order(in.items, options, making.plan.dead), false, true,
          in.disorder};
}

}  // namespace

Part exact_step(Making& making, Part in) {
  switch (making.below(4)) {
    case 0:
      return folds_step(making, std::move(in));
    case 1:
      return updates_step(making, std::move(in));
    case 2:
      return match_in_order_step(making, std::move(in));
    default:
      return deduplicate_step(making, std::move(in));
  }
}

}  // namespace weir::simulation
