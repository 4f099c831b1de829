#include "broker/job_world.h"

namespace weir::tests {

void JobWorld::SetUp() {
  Contract::SetUp();
  if (IsSkipped()) return;
  writer_ = make_producer();
}

void JobWorld::make_inputs(const JobLoad& load, std::int32_t partitions) {
  std::vector<kafka::TopicSpec> specs;
  for (const std::string& topic : load.inputs()) {
    specs.push_back({.name = topic, .partitions = partitions});
  }
  auto created = again([&] { return admin().create_topics(specs); });
  ASSERT_TRUE(created.ok()) << created.outcome.text;
  for (const Outcome& outcome : created.value) ASSERT_TRUE(outcome.ok()) << outcome.text;
}

void JobWorld::write_json(const std::string& topic, std::int32_t partition, Timestamp time,
                          const std::string& json) {
  const Outcome written = again([&] {
    return writer_->produce(
        {.topic = open(*writer_, topic), .partition = partition, .value = json, .timestamp = time});
  });
  ASSERT_TRUE(written.ok()) << written.text;
  writer_->poll();
}

JobLoad::Write JobWorld::writing() {
  return [this](const std::string& topic, std::int32_t partition, Timestamp time,
                const std::string& json) { write_json(topic, partition, time, json); };
}

void JobWorld::flush() {
  const Outcome flushed = again([&] { return writer_->flush(kWait); }, Duration{120'000});
  ASSERT_TRUE(flushed.ok()) << flushed.text;
}

std::int32_t JobWorld::partitions(const std::string& topic) {
  const std::vector<std::string> one{topic};
  const auto count = again([&] { return admin().partitions(one); });
  EXPECT_TRUE(count.ok()) << count.outcome.text;
  return count.ok() ? count.value.front() : 0;
}

std::vector<std::string> JobWorld::topics_of(const std::string& prefix) {
  const auto all = again([&] { return admin().topics(); });
  EXPECT_TRUE(all.ok()) << all.outcome.text;
  std::vector<std::string> found;
  for (const std::string& topic : all.value) {
    if (topic.starts_with(prefix)) found.push_back(topic);
  }
  return found;
}

bool JobWorld::has_open_transaction(const std::vector<std::string>& topics) {
  std::vector<Partition> all;
  for (const std::string& topic : topics) {
    for (std::int32_t p = 0; p < partitions(topic); ++p) all.push_back({topic, p});
  }
  // In this order, so that a transaction which ends meanwhile is not one that is open.
  const auto there =
      again([&] { return admin().end_offsets(all, kafka::Isolation::kReadUncommitted); });
  const auto readable =
      again([&] { return admin().end_offsets(all, kafka::Isolation::kReadCommitted); });
  if (!there.ok() || !readable.ok()) return true;
  for (std::size_t at = 0; at < all.size(); ++at) {
    if (readable.value[at] < there.value[at]) return true;
  }
  return false;
}

// What an instance had open when it was killed hides what lies behind it until that times out.
std::vector<Seen> JobWorld::results(const std::string& topic) {
  EXPECT_TRUE(world()->until([&] { return !has_open_transaction({topic}); }, Duration{60'000}))
      << topic;
  std::vector<Seen> all;
  for (std::int32_t p = 0; p < partitions(topic); ++p) {
    const auto from = forgotten_.find({topic, p});
    for (Seen& seen : read_all(topic, p, kafka::Isolation::kReadCommitted,
                               from == forgotten_.end() ? 0 : from->second)) {
      all.push_back(std::move(seen));
    }
  }
  return all;
}

JobLoad::Read JobWorld::reading() {
  return [this](const std::string& topic) { return results(topic); };
}

void JobWorld::forget_results() {
  forgotten_.clear();
  for (const std::string& topic : topics_of("")) {
    if (topic.starts_with("__")) continue;
    std::vector<Partition> all;
    for (std::int32_t p = 0; p < partitions(topic); ++p) all.push_back({topic, p});
    auto ends = admin().end_offsets(all, kafka::Isolation::kReadUncommitted);
    // Of a topic that has just been made a broker may not have heard yet.
    world()->until([&] {
      if (!ends.ok()) ends = admin().end_offsets(all, kafka::Isolation::kReadUncommitted);
      return ends.ok();
    });
    ASSERT_TRUE(ends.ok()) << topic << ": " << ends.outcome.text;
    for (std::size_t at = 0; at < all.size(); ++at) forgotten_[all[at]] = ends.value[at];
  }
}

}  // namespace weir::tests
