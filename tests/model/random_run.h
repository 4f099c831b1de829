// Random records for model tests, and a way to play them that crashes here and there.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include <weir/testing.h>

namespace weir::model {

using Random = std::mt19937_64;

inline std::int64_t pick(Random& random, std::int64_t least, std::int64_t most) {
  return std::uniform_int_distribution<std::int64_t>(least, most)(random);
}

struct Event {
  int partition = 0;
  std::string key;
  std::int64_t value = 0;
  Timestamp time = 0;
  Timestamp observed = kNoTime;  // The largest time that the partition had before it.
};

struct Shape {
  int partitions = 1;
  int records = 40;
  std::int64_t step_ms = 10;      // The most that time goes on from record to record.
  std::int64_t disorder_ms = 10;  // The most that a record is behind its partition.
};

// The records of all partitions, one partition after the other. Each begins at time 0: a partition
// without records holds nobody back, so what others closed meanwhile would be gone for it.
inline std::vector<Event> random_events(Random& random, const Shape& shape) {
  std::vector<Event> events;
  for (int partition = 0; partition < shape.partitions; ++partition) {
    Timestamp now = 0;
    Timestamp observed = kNoTime;
    for (int at = 0; at < shape.records; ++at) {
      now += at == 0 ? 0 : pick(random, 0, shape.step_ms);
      const Timestamp back = pick(random, 0, 2) == 0 ? pick(random, 0, shape.disorder_ms) : 0;
      const Timestamp time = std::max<Timestamp>(0, now - back);
      const std::string key(1, static_cast<char>('a' + pick(random, 0, 2)));
      events.push_back({partition, key, pick(random, 1, 9), time, observed});
      observed = std::max(observed, time);
    }
  }
  return events;
}

// The same records, partitions mixed at random, the order within each kept. The first records of
// all partitions come first.
inline std::vector<Event> mixed(Random& random, const std::vector<Event>& events) {
  std::vector<int> turns;
  for (const Event& event : events) turns.push_back(event.partition);
  const int partitions = turns.back() + 1;
  std::vector<int> rest;
  for (std::size_t at = 1; at < turns.size(); ++at) {
    if (turns[at] == turns[at - 1]) rest.push_back(turns[at]);
  }
  std::shuffle(rest.begin(), rest.end(), random);
  turns.resize(static_cast<std::size_t>(partitions));
  std::iota(turns.begin(), turns.end(), 0);
  turns.insert(turns.end(), rest.begin(), rest.end());
  std::vector<std::size_t> next;
  for (std::size_t at = 0; at < events.size(); ++at) {
    if (at == 0 || events[at].partition != events[at - 1].partition) next.push_back(at);
  }
  std::vector<Event> order;
  for (const int turn : turns) order.push_back(events[next[static_cast<std::size_t>(turn)]++]);
  return order;
}

// Feeds the records, with commits and crashes at random, then lets time end. The first record of
// a partition is committed at once: before that, a partition counts as one without records.
inline void play(TestDriver& driver, const Topic<std::string, std::int64_t>& topic,
                 const std::vector<Event>& events, Random& random) {
  int begun = 0;
  for (const Event& event : events) {
    driver.send(topic, event.key, event.value, event.time, event.partition);
    if (event.partition == begun) {
      ++begun;
      driver.commit();
      continue;
    }
    const std::int64_t dice = pick(random, 0, 11);
    if (dice < 3) driver.commit();
    if (dice == 3) driver.crash(pick(random, 0, 1) == 0);
  }
  driver.drain();
}

// A sum that can be merged, and how many records went into it.
struct Sum {
  std::int64_t sum = 0;
  std::int64_t records = 0;
  void add(std::int64_t value) {
    sum += value;
    ++records;
  }
  void merge(const Sum& other) {
    sum += other.sum;
    records += other.records;
  }
  void write(std::string& out) const {
    append_zigzag(out, sum);
    append_zigzag(out, records);
  }
  bool read(std::string_view& in) { return read_zigzag(in, sum) && read_zigzag(in, records); }
  bool operator==(const Sum&) const = default;
};

// The values in the order they came: cannot be merged, and notices any other order.
struct Listed {
  std::string values;
  void add(std::int64_t value) { values += std::to_string(value); }
  void write(std::string& out) const { StateSerde<std::string>::write(values, out); }
  bool read(std::string_view& in) { return StateSerde<std::string>::read(in, values); }
};

// What a result says, as text: the window, the key, the time and the value.
inline std::string line(const std::string& key, Window window, Timestamp time,
                        const std::string& value) {
  return std::to_string(window.end) + " " + key + " from " + std::to_string(window.start) + " @" +
         std::to_string(time) + ": " + value;
}
inline std::string line(const std::string& key, Window window, Timestamp time, const Sum& sum) {
  return line(key, window, time, std::to_string(sum.sum) + " of " + std::to_string(sum.records));
}

}  // namespace weir::model
