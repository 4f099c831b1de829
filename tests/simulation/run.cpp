#include "simulation/run.h"

#include <algorithm>

#include "simulation/plan.h"
#include "simulation/world.h"
#include <weir/serde.h>

namespace weir::simulation {

namespace {

constexpr int kStormTurns = 350;
constexpr int kIdleTurnsMax = 8000;
constexpr std::size_t kLinesShown = 6;

// Worlds from quiet to terrible. One in eight has no mishaps at all: then only the number of
// instances, and how fast each partition is read, may make a difference.
Chances chances_of(std::uint64_t seed) {
  sim::Random random(seed * 2 + 2);
  Chances chances;
  chances.instances = 1 + static_cast<int>(random.below(4));
  chances.start_later =
      static_cast<int>(random.below(static_cast<std::uint64_t>(chances.instances)));
  chances.static_membership = random.below(3) > 0;
  chances.threads = random.below(4) == 0 ? 2 : 1;
  if (random.below(8) == 0) {
    chances.exactly_once = random.below(3) > 0;  // Where nothing goes wrong, both are exact.
    return chances;
  }
  if (random.below(3) == 0) chances.producer_queue_max = 5 + random.below(40);
  const auto maybe = [&](std::uint64_t most) {
    return random.below(2) == 0 ? 0 : static_cast<std::uint32_t>(1 + random.below(most));
  };
  chances.kill_per_mille = maybe(12);
  chances.lose_disk_per_mille = random.below(2) == 0 ? 0 : 300;
  chances.fault_per_mille = maybe(30);
  chances.death_per_mille = maybe(60);
  chances.weather_per_mille = maybe(40);
  return chances;
}

// Some results go to sinks that are no topics. They see each at least once, and refuse some for
// good.
void choose_sinks(std::uint64_t seed, Plan& plan, Chances& chances) {
  sim::Random random(seed * 2 + 5);
  if (random.below(3) > 0) return;
  for (Output& output : plan.outputs) {
    if (!output.topic.starts_with("out") || random.below(2) == 0) continue;
    chances.sinks.insert(output.topic);
    output.in_order = false;
    for (auto& [key, lines] : output.lines) {
      const auto is_refused = [&, &name = key](const std::string& text) {
        const Timestamp time = std::stoll(text.substr(text.find('@') + 1));
        return Places::refuses(name, time);
      };
      if (const std::size_t refused = std::erase_if(lines, is_refused); refused > 0) {
        plan.dead["sink"] += refused;
      }
    }
  }
}

void append(World& world, const std::vector<Input>& inputs) {
  for (const Input& input : inputs) world.append(input.topic, input.partition, input.record);
}

// A sink may see a result again.
void once_each(std::vector<std::string>& lines) {
  std::sort(lines.begin(), lines.end());
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
}

// What lies in a topic, as the lines of an Output.
std::map<std::string, std::vector<std::string>> lines_in(World& world, const std::string& topic) {
  Items items;
  for (const sim::SimRecord& record : world.results(topic)) {
    Item item{record.key.value_or("null"), 0, record.timestamp};
    check(record.value && Serde<std::int64_t>::read(*record.value, item.value), "no number");
    items.push_back(std::move(item));
  }
  auto lines = output_of(topic, items, true).lines;
  if (world.is_sink(topic)) {
    for (auto& [key, some] : lines) once_each(some);
  }
  return lines;
}

// Lines of `some` that are not in `others`, each as often as it is missing there.
std::string missing(const std::vector<std::string>& some, std::vector<std::string> others) {
  std::string text;
  std::size_t shown = 0;
  for (const std::string& line : some) {
    const auto it = std::find(others.begin(), others.end(), line);
    if (it != others.end()) {
      others.erase(it);
    } else if (shown++ < kLinesShown) {
      text += " " + line;
    }
  }
  return text;
}

// What is wrong with one topic: results that are lost, doubled, wrong or out of order.
std::string difference(World& world, const Output& output) {
  auto found = lines_in(world, output.topic);
  std::string text;
  auto wanted = output.lines;
  for (const auto& [key, lines] : found) wanted.try_emplace(key);
  for (auto& [key, lines] : wanted) {
    std::vector<std::string>& have = found[key];
    if (world.is_sink(output.topic)) once_each(lines);
    if (!output.in_order) {
      std::sort(lines.begin(), lines.end());
      std::sort(have.begin(), have.end());
    }
    if (lines == have) continue;
    text += "  " + output.topic + " '" + key + "':";
    const std::string lost = missing(lines, have), more = missing(have, lines);
    if (!lost.empty()) text += " lost" + lost;
    if (!more.empty()) text += " too much" + more;
    if (lost.empty() && more.empty()) text += " in another order";
    text += "\n";
  }
  return text;
}

Discards dead_letters(World& world) {
  Discards found;
  if (!world.has_topic(kDeadLetters)) return found;
  for (const sim::SimRecord& record : world.results(kDeadLetters)) {
    for (const auto& [name, value] : record.headers) {
      if (name == "weir.reason") ++found[value.value_or("")];
    }
  }
  return found;
}

std::string dead_difference(World& world, const Plan& plan) {
  const Discards found = dead_letters(world);
  if (found == plan.dead) return {};
  std::string text = "  dead letters:";
  for (const auto& [reason, count] : found) text += " " + std::to_string(count) + " " + reason;
  text += ", wanted:";
  for (const auto& [reason, count] : plan.dead) text += " " + std::to_string(count) + " " + reason;
  return text + "\n";
}

bool is_complete(World& world, const Plan& plan) {
  if (dead_letters(world) != plan.dead) return false;
  return std::all_of(plan.outputs.begin(), plan.outputs.end(), [&](const Output& output) {
    if (!world.has_topic(output.topic)) return false;
    std::size_t have = 0, wanted = 0;
    for (const auto& [key, lines] : lines_in(world, output.topic)) have += lines.size();
    for (auto [key, lines] : output.lines) {
      if (world.is_sink(output.topic)) once_each(lines);
      wanted += lines.size();
    }
    return have >= wanted;
  });
}

// The input comes before the storm, in it, and after it.
void play(World& world, const Plan& plan) {
  append(world, plan.first);
  if (plan.ending == Ending::idle) append(world, plan.rest);
  world.start();
  if (plan.ending == Ending::idle) {
    world.storm(kStormTurns);
  } else {
    constexpr std::size_t kParts = 5;
    for (std::size_t part = 0; part < kParts; ++part) {
      const std::size_t size = plan.rest.size();
      for (std::size_t at = size * part / kParts; at < size * (part + 1) / kParts; ++at) {
        world.append(plan.rest[at].topic, plan.rest[at].partition, plan.rest[at].record);
      }
      world.storm(kStormTurns / static_cast<int>(kParts));
    }
    if (world.random(2) == 0) world.calm();
    append(world, plan.last);
    world.storm(static_cast<int>(world.random(60)));
  }
}

void finish(World& world, const Plan& plan) {
  if (plan.ending != Ending::idle) world.settle();
  if (plan.ending == Ending::drain) world.drain();
  if (plan.ending != Ending::idle) return;
  world.calm();
  int turn = 0;
  const auto complete = [&] { return ++turn % 40 == 0 && is_complete(world, plan); };
  if (world.wait_for(complete, kIdleTurnsMax, 100) || !world.failure().empty()) return;
  world.fail("idle partitions hold up the rest:" + world.picture());
}

}  // namespace

std::string run(std::uint64_t seed, const Listener& listener) {
  Plan plan = make_plan(seed);
  Chances chances = chances_of(seed);
  choose_sinks(seed, plan, chances);
  World world(seed, *plan.topology, chances);
  if (listener) world.listen(listener);
  for (const auto& [topic, partitions] : plan.sources) world.create(topic, partitions);
  play(world, plan);
  finish(world, plan);
  std::string text;
  if (!world.failure().empty()) text = "  " + world.failure() + "\n";
  for (const Output& output : plan.outputs) {
    if (world.has_topic(output.topic)) text += difference(world, output);
  }
  return text + dead_difference(world, plan);
}

std::string describe(std::uint64_t seed) {
  Plan plan = make_plan(seed);
  Chances chances = chances_of(seed);
  choose_sinks(seed, plan, chances);
  std::string sinks;
  for (const std::string& sink : chances.sinks) sinks += ", " + sink + " is a sink";
  constexpr const char* kEndings[] = {"ends with last records", "ends idle", "is drained"};
  return plan.text + kEndings[static_cast<int>(plan.ending)] + "\n" +
         std::to_string(chances.instances) + " instances (" + std::to_string(chances.start_later) +
         " later, " + (chances.static_membership ? "static" : "dynamic") + ", threads " +
         std::to_string(chances.threads) + (chances.exactly_once ? "" : ", at least once") +
         ", queues of " + std::to_string(chances.producer_queue_max) + sinks +
         "), per mille: kills " + std::to_string(chances.kill_per_mille) + ", lost disks " +
         std::to_string(chances.lose_disk_per_mille) + ", faults " +
         std::to_string(chances.fault_per_mille) + ", deaths " +
         std::to_string(chances.death_per_mille) + ", weather " +
         std::to_string(chances.weather_per_mille) + "\n";
}

}  // namespace weir::simulation
