#include "simulation/plan.h"

#include <algorithm>
#include <utility>

#include "kafka/partitioner.h"
#include "simulation/steps.h"

namespace weir::simulation {

namespace {

constexpr int kKeys = 3;  // Of each partition.

// Keys that the partitioner sends to `partition`.
std::vector<std::string> keys_of(int partition, int partitions) {
  std::vector<std::string> keys;
  for (int number = 0; static_cast<int>(keys.size()) < kKeys; ++number) {
    const std::string key = "k" + std::to_string(number);
    if (kafka::partition_of(key, partitions) == partition) keys.push_back(key);
  }
  return keys;
}

struct Source {
  std::string topic;
  int partitions = 1;
  std::int64_t disorder = 0;
  Items items{};
};

Input input_of(const std::string& topic, const Item& item) {
  sim::SimRecord record{.timestamp = item.time};
  record.key = item.key;
  record.value.emplace();
  Serde<std::int64_t>::write(item.value, *record.value);
  return {topic, item.partition, std::move(record)};
}

Item edge(int partition, Timestamp time, Timestamp observed) {
  return {std::string(1, kEdge) + std::to_string(partition), 1, time, observed, partition};
}

// Sets `observed` of each item, in their order.
void observe(Items& items, int partitions) {
  std::vector<Timestamp> reached(static_cast<std::size_t>(partitions), kNoTime);
  for (Item& item : items) {
    Timestamp& now = reached[static_cast<std::size_t>(item.partition)];
    item.observed = now;
    now = std::max(now, item.time);
  }
}

void random_items(Making& making, Source& source) {
  for (int partition = 0; partition < source.partitions; ++partition) {
    source.items.push_back(edge(partition, 0, kNoTime));
    const std::vector<std::string> keys = keys_of(partition, source.partitions);
    const std::int64_t step = 1 + making.below(30);  // Partitions move at speeds of their own.
    Timestamp now = 0;
    for (std::int64_t left = making.below(25); left > 0; --left) {
      now += making.below(step);
      const bool back = source.disorder > 0 && making.below(3) == 0;
      const Timestamp time =
          std::max<Timestamp>(0, now - (back ? making.below(source.disorder) : 0));
      const std::string& key = keys[static_cast<std::size_t>(making.below(kKeys))];
      source.items.push_back({key, making.below(100), time, kNoTime, partition});
    }
  }
}

// Orders and payments, and copies of some of them a little later.
void random_orders(Making& making, Source& orders, Source& payments, const MatchOptions& options) {
  const std::int64_t within = options.within.count();
  std::map<Source*, Items> all;
  Timestamp now = within;
  for (int number = 0; number < 40; ++number) {
    now += making.below(12);
    const std::string key = "o" + std::to_string(number);
    const Timestamp paid = std::max<Timestamp>(0, now + making.below(3 * within) - within);
    const auto place = [&](Source& source, Timestamp time) {
      const Item item{key, 100 + number, time, kNoTime,
                      static_cast<int>(making.below(source.partitions))};
      all[&source].push_back(item);
      if (making.below(5) == 0) all[&source].push_back(item);
    };
    if (making.below(8) > 0) place(orders, now);
    if (making.below(8) > 0) place(payments, paid);
  }
  for (auto& [source, items] : all) {
    std::stable_sort(items.begin(), items.end(),
                     [](const Item& a, const Item& b) { return a.time < b.time; });
    for (int at = 0; at < source->partitions; ++at) source->items.push_back(edge(at, 0, kNoTime));
    source->items.insert(source->items.end(), items.begin(), items.end());
  }
}

// The records of all sources, mixed at random; each partition keeps its order.
void mix(Making& making, const std::vector<Source>& sources) {
  std::map<std::pair<std::string, int>, std::vector<Input>> queues;
  for (const Source& source : sources) {
    for (const Item& item : source.items) {
      queues[{source.topic, item.partition}].push_back(input_of(source.topic, item));
    }
  }
  std::vector<std::pair<std::vector<Input>*, std::size_t>> places;
  for (auto& [partition, queue] : queues) {
    making.plan.first.push_back(std::move(queue.front()));
    if (queue.size() > 1) places.emplace_back(&queue, 1);
  }
  while (!places.empty()) {
    const auto at =
        static_cast<std::size_t>(making.below(static_cast<std::int64_t>(places.size())));
    auto& [queue, next] = places[at];
    making.plan.rest.push_back(std::move((*queue)[next++]));
    if (next == queue->size()) places.erase(places.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

void end_sources(Making& making, std::vector<Source>& sources) {
  for (Source& source : sources) {
    if (making.plan.ending == Ending::last_records) {
      for (int at = 0; at < source.partitions; ++at) {
        source.items.push_back(edge(at, kEndTime, kNoTime));
        making.plan.last.push_back(input_of(source.topic, source.items.back()));
      }
    }
    observe(source.items, source.partitions);
  }
}

Part part_of(Making& making, Builder& builder, const Source& source, bool exact) {
  const Duration idle{making.plan.ending == Ending::idle ? 400 : 0};
  making.plan.sources[source.topic] = source.partitions;
  making.say(source.topic + " with " + std::to_string(source.partitions) + " partitions");
  return {builder.stream(FlowTopic{source.topic}, {.idle = idle}),
          source.items,
          exact,
          exact,
          source.disorder,
          false,
          true};
}

Part stateful_step(Making& making, Part in) {
  if (in.exact && making.below(2) == 0) return exact_step(making, std::move(in));
  switch (making.below(7)) {
    case 0:
      return session_step(making, std::move(in));
    case 1:
      return per_event_step(making, std::move(in));
    case 2:
      return processor_step(making, std::move(in));
    case 3:
      return self_join_step(making, std::move(in));
    default:
      return window_step(making, std::move(in));
  }
}

// One to three operators with state, with others between them.
void chain(Making& making, Part part, std::int64_t least) {
  for (std::int64_t left = least + making.below(3); left > 0 && !part.ends; --left) {
    if (making.below(3) == 0) part = stateless_step(making, std::move(part));
    part = stateful_step(making, std::move(part));
    if (left > 1 && making.below(3) == 0) end_in_topic(making, part);
  }
  end_in_topic(making, part);
}

void one_source(Making& making, Builder& builder) {
  std::vector<Source> sources{{"left", 1 + static_cast<int>(making.below(4)), making.below(40)}};
  random_items(making, sources[0]);
  mix(making, sources);
  end_sources(making, sources);
  Part part = part_of(making, builder, sources[0], true);
  if (making.below(3) > 0) return chain(making, std::move(part), 1);
  making.say("two chains");
  chain(making, part, 1);
  chain(making, std::move(part), 1);
}

// Joined directly, or merged, where both have as many partitions.
void two_sources(Making& making, Builder& builder) {
  const bool alike = making.below(2) == 0;
  const int partitions = 1 + static_cast<int>(making.below(3));
  const std::int64_t disorder = making.below(30);
  const int others = alike ? partitions : 1 + static_cast<int>(making.below(3));
  std::vector<Source> sources{{"left", partitions, disorder}, {"right", others, disorder}};
  for (Source& source : sources) random_items(making, source);
  mix(making, sources);
  end_sources(making, sources);
  Part left = part_of(making, builder, sources[0], false);
  Part right = part_of(making, builder, sources[1], false);
  if (!alike || making.below(3) == 0) {
    making.say("both by repartition topics");
    left.flow = left.flow.repartition("lefts", {.partitions = 2});
    right.flow = right.flow.repartition("rights", {.partitions = 2});
  } else if (making.below(3) == 0) {
    making.say("merged");
    left.flow = left.flow.merge(right.flow);
    left.items.insert(left.items.end(), right.items.begin(), right.items.end());
    return chain(making, std::move(left), 1);
  }
  Part pairs = join_step(making, std::move(left), std::move(right));
  chain(making, std::move(pairs), 0);
}

void orders_and_payments(Making& making, Builder& builder) {
  const MatchOptions options{making.ms(5, 40), Duration{1}, Duration{0}};
  std::vector<Source> sources{{"left", 1 + static_cast<int>(making.below(3))},
                              {"right", 1 + static_cast<int>(making.below(3))}};
  random_orders(making, sources[0], sources[1], options);
  mix(making, sources);
  end_sources(making, sources);
  Part orders = part_of(making, builder, sources[0], false);
  Part payments = part_of(making, builder, sources[1], false);
  Part matched = match_step(making, std::move(orders), std::move(payments), options);
  chain(making, std::move(matched), 0);
}

}  // namespace

std::string line(std::int64_t value, Timestamp time) {
  return std::to_string(value) + "@" + std::to_string(time);
}

Output output_of(const std::string& topic, const Items& items, bool in_order) {
  Output output{topic, in_order, {}};
  for (const Item& item : items) {
    if (!is_edge(item)) output.lines[item.key].push_back(line(item.value, item.time));
  }
  return output;
}

Plan make_plan(std::uint64_t seed) {
  sim::Random random(seed * 2 + 1);
  Plan plan;
  Making making{random, plan};
  constexpr Ending kEndings[] = {Ending::last_records, Ending::last_records, Ending::last_records,
                                 Ending::last_records, Ending::last_records, Ending::last_records,
                                 Ending::idle,         Ending::drain};
  plan.ending = kEndings[making.below(8)];
  Builder builder({.dead_letters = kDeadLetters, .keep_duplicates = true});
  const std::int64_t dice = making.below(10);
  if (dice < 6) {
    one_source(making, builder);
  } else if (dice < 9) {
    two_sources(making, builder);
  } else {
    orders_and_payments(making, builder);
  }
  Result<Topology> topology = builder.build();
  check(static_cast<bool>(topology), topology ? "" : topology.error().to_string());
  plan.topology = std::move(*topology);
  return plan;
}

}  // namespace weir::simulation
