// Reads records of source topics once more, by their places: for dead letters behind repartition
// topics. What is still in the topic is found; the rest is given up, be it only that the brokers do
// not answer in time, since a transaction waits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kafka/client.h"
#include <weir/record.h>
#include <weir/stage.h>

namespace weir::engine {

class Originals {
 public:
  // Hears of each place once: its number, and the record, or null where it is given up.
  using Found = std::function<void(std::size_t, const InputRecord*)>;

  // REQUIRES: `topics` are all that an origin may name.
  Originals(kafka::Cluster& cluster, std::span<const std::string> topics);

  // Looks for these places, in place of what was looked for before.
  void begin(std::vector<Origin> wanted, Timestamp now);
  // True when there is nothing more to hear. False: the next turn goes on.
  bool step(Timestamp now, const Found& found);
  void forget();

 private:
  bool open();
  bool turn_to(const Origin& place);
  bool read(const Found& found);
  void take(const kafka::Incoming& record, const Found& found);
  void give_up(const Found& found);
  void give_up_all(const Found& found);
  void stop();
  const Origin& next() const { return wanted_[order_[done_]]; }

  kafka::Cluster& cluster_;
  std::map<std::uint32_t, std::string> topics_;  // By Origin::topic.
  std::unique_ptr<kafka::Reader> reader_;
  std::vector<Origin> wanted_;
  std::vector<std::size_t> order_;  // Numbers of `wanted_` by topic, partition and offset.
  std::size_t done_ = 0;            // Of `order_`.
  Timestamp since_ = 0;
  kafka::Partition reading_{};  // In slot 0; without a name: none.
  std::int64_t position_ = 0;
};

}  // namespace weir::engine
