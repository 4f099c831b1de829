// What every cluster promises about administration.
#include <gmock/gmock.h>

#include "broker/contract.h"

namespace weir::tests {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;
using ::testing::SizeIs;

class AdminContract : public Contract {
 protected:
  std::int32_t partitions(const std::string& topic) {
    const std::vector<std::string> names = {topic};
    auto counts = again([&] { return admin().partitions(names); });
    EXPECT_TRUE(counts.ok()) << counts.outcome.text;
    return counts.ok() ? counts.value.at(0) : -1;
  }
  Outcome create(kafka::TopicSpec spec) {
    const std::vector<kafka::TopicSpec> specs = {std::move(spec)};
    auto created = again([&] { return admin().create_topics(specs); });
    EXPECT_TRUE(created.ok()) << created.outcome.text;
    return created.ok() ? created.value.at(0) : created.outcome;
  }
};

TEST_F(AdminContract, CreatesTopicsWithConfigs) {
  const std::string topic = world()->unique("made");
  EXPECT_EQ(partitions(topic), 0);
  EXPECT_TRUE(create({.name = topic,
                      .partitions = 3,
                      .configs = {{"cleanup.policy", "compact"}, {"retention.ms", "-1"}}})
                  .ok());
  // Not each of several brokers has heard of it yet.
  world()->until([&] { return partitions(topic) == 3 && admin().configs(topic).ok(); },
                 Duration{10'000});
  EXPECT_EQ(partitions(topic), 3);
  auto names = again([&] { return admin().topics(); });
  EXPECT_THAT(names.value, Contains(topic));
  auto configs = again([&] { return admin().configs(topic); });
  ASSERT_TRUE(configs.ok()) << configs.outcome.text;
  EXPECT_EQ(configs.value.at("cleanup.policy"), "compact");
  EXPECT_EQ(configs.value.at("retention.ms"), "-1");
  EXPECT_EQ(configs.value.at("max.message.bytes"), "1048588") << "defaults are told as well";
}

TEST_F(AdminContract, RefusesTopicsThatExistOrMakeNoSense) {
  const std::string topic = make_topic();
  EXPECT_EQ(create({.name = topic}).fault, Fault::kExists);
  EXPECT_EQ(create({.name = world()->unique("bad"), .configs = {{"no.such.config", "1"}}}).fault,
            Fault::kDenied);
  const std::vector<std::string> nowhere = {world()->unique("nowhere")};
  EXPECT_EQ(again([&] { return admin().configs(nowhere[0]); }).outcome.fault, Fault::kMissing);
  EXPECT_EQ(again([&] { return admin().delete_topics(nowhere); }).value.at(0).fault,
            Fault::kMissing);
}

TEST_F(AdminContract, DeletesTopics) {
  const std::string topic = make_topic();
  const std::vector<std::string> names = {topic};
  ASSERT_TRUE(again([&] { return admin().delete_topics(names); }).value.at(0).ok());
  EXPECT_TRUE(world()->until([&] { return partitions(topic) == 0; }));
  EXPECT_THAT(again([&] { return admin().topics(); }).value, Not(Contains(topic)));
}

TEST_F(AdminContract, GrowsTopics) {
  const std::string topic = make_topic(1);
  EXPECT_TRUE(again([&] { return admin().grow_topic(topic, 4); }).ok());
  EXPECT_TRUE(world()->until([&] { return partitions(topic) == 4; }));
  EXPECT_FALSE(again([&] { return admin().grow_topic(topic, 2); }).ok());
}

TEST_F(AdminContract, KnowsBeginAndEndOfPartitions) {
  const std::string topic = make_topic(2);
  write(topic, {"a", "b", "c"}, 1);
  const std::vector<Position> before = {{{topic, 1}, 1}};
  ASSERT_TRUE(again([&] { return admin().delete_records(before); }).ok());
  const std::vector<Partition> both = {{topic, 1}, {topic, 0}};
  EXPECT_THAT(again([&] { return admin().begin_offsets(both); }).value, ElementsAre(1, 0));
  EXPECT_THAT(
      again([&] { return admin().end_offsets(both, kafka::Isolation::kReadUncommitted); }).value,
      ElementsAre(3, 0));
  const std::vector<Partition> nowhere = {{world()->unique("nowhere"), 0}};
  EXPECT_EQ(again([&] { return admin().begin_offsets(nowhere); }, Duration{3'000}).outcome.fault,
            Fault::kMissing);
}

TEST_F(AdminContract, FindsOffsetsByTime) {
  const std::string topic = make_topic();
  auto producer = make_producer();
  const kafka::TopicId id = open(*producer, topic);
  const Timestamp start = world()->now() - 100'000;
  for (const int at : {0, 1000, 2000}) {
    ASSERT_TRUE(
        producer->produce({.topic = id, .partition = 0, .value = "x", .timestamp = start + at})
            .ok());
    // One batch each: brokers index time by batch.
    ASSERT_TRUE(again([&] { return producer->flush(kWait); }).ok());
  }
  const std::vector<Partition> one = {{topic, 0}};
  const auto at = [&](Timestamp time) {
    return again([&] { return admin().offsets_at(one, time); }).value.at(0);
  };
  EXPECT_EQ(at(start - 1), 0);
  EXPECT_EQ(at(start + 1), 1);
  EXPECT_EQ(at(start + 2000), 2);
  EXPECT_EQ(at(start + 2001), 3);
}

TEST_F(AdminContract, DeletesNothingBehindTheEnd) {
  const std::string topic = make_topic();
  write(topic, {"a"});
  const std::vector<Position> beyond = {{{topic, 0}, 5}};
  EXPECT_FALSE(again([&] { return admin().delete_records(beyond); }).ok());
  EXPECT_THAT(read_all(topic), SizeIs(1));
}

TEST_F(AdminContract, DeletesAGroupWithoutMembers) {
  const std::string topic = make_topic();
  const std::string group = world()->unique("group");
  Member member(cluster(),
                {.group = group, .topics = {topic}, .session_timeout = world()->session()});
  ASSERT_TRUE(world()->until([&] {
    member.step();
    return !member.partitions().empty();
  }));
  const std::vector<Position> positions = {{{topic, 0}, 3}};
  ASSERT_TRUE(again([&] { return member.consumer().commit(positions, kWait); }).ok());
  member.close();
  EXPECT_TRUE(world()->until([&] { return admin().delete_group(group).ok(); }));
  const std::vector<Partition> one = {{topic, 0}};
  EXPECT_EQ(again([&] { return admin().committed(group, one); }).value.at(0).offset,
            kafka::kNoOffset);
}

}  // namespace
}  // namespace weir::tests
