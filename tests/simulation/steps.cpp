#include "simulation/steps.h"

#include <utility>
#include <vector>

namespace weir::simulation {

namespace {

bool kept(std::int64_t value) { return value % 7 != 0; }
std::int64_t changed(std::int64_t value) { return value * 3 + 1; }

std::string other_key(const std::string& key, std::int64_t value) {
  if (key.find(kEdge) != std::string::npos) return key;
  return "r" + std::to_string(value % 5);
}

using Sums = KeyValueStore<std::string, std::int64_t>;

// The running sum of each key, from a store.
struct RunningSum {
  using Out = Record<std::string, std::int64_t>;
  std::string name;
  bool numbers;  // Counts records instead, and forgets their times.
  Store<std::string, std::int64_t>* sums = nullptr;

  void init(Context<Out>& ctx) { sums = &ctx.store(Sums{name}); }
  void process(const Record<std::string, std::int64_t>& record, Context<Out>& ctx) {
    const std::int64_t sum = sums->get(record.key).value_or(0) + (numbers ? 1 : record.value);
    sums->put(record.key, sum);
    ctx.forward({record.key, sum, numbers ? 0 : record.timestamp, record.observed});
  }
};

}  // namespace

Part stateless_step(Making& making, Part in) {
  Items out;
  switch (making.below(4)) {
    case 0:
      making.say("filter");
      in.flow = in.flow.filter(kept);
      for (const Item& item : in.items) {
        if (kept(item.value)) out.push_back(item);
      }
      break;
    case 1:
      making.say("map_values");
      in.flow = in.flow.map_values(changed);
      for (Item item : in.items) {
        item.value = changed(item.value);
        out.push_back(item);
      }
      break;
    case 2:
      making.say("flat_map_values");
      in.flow = in.flow.flat_map_values([](const std::int64_t& value) {
        return std::vector<std::int64_t>{value, value + 1};
      });
      for (Item item : in.items) {
        out.push_back(item);
        ++item.value;
        out.push_back(item);
      }
      break;
    default:
      making.say("rekey");
      in.flow = in.flow.rekey(other_key);
      in.exact = in.ordered = in.keyed = false;
      for (Item item : in.items) {
        item.key = other_key(item.key, item.value);
        out.push_back(item);
      }
      break;
  }
  in.items = std::move(out);
  return in;
}

Part processor_step(Making& making, Part in) {
  const std::string name = making.name();
  const bool numbers = !in.exact || making.below(2) == 0;
  making.say(name + " = running " + (numbers ? "numbers" : "sums"));
  Flow flow = in.keyed ? in.flow : in.flow.repartition(name + "-by-key");
  flow = flow.process(name, RunningSum{name, numbers}, {Sums{name}});
  Items items = numbers ? running_numbers(in.items) : running_sums(in.items);
  return {flow, std::move(items), false, true, in.disorder, numbers};
}

void end_in_topic(Making& making, const Part& part) {
  const std::string topic = "out" + std::to_string(making.plan.outputs.size());
  part.flow.to(FlowTopic{topic});
  making.plan.outputs.push_back(output_of(topic, part.items, part.ordered));
}

}  // namespace weir::simulation
