// What every cluster promises about consumer groups: eager `range`, static members, commits.
#include <set>

#include <gmock/gmock.h>

#include "broker/contract.h"

namespace weir::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class GroupContract : public Contract {
 protected:
  void SetUp() override {
    Contract::SetUp();
    group_ = world()->unique("group");
  }
  std::unique_ptr<Member> make_member(const std::vector<std::string>& topics,
                                      const std::string& instance = {}) {
    return std::make_unique<Member>(cluster(),
                                    kafka::ConsumerOptions{.group = group_,
                                                           .instance_id = instance,
                                                           .topics = topics,
                                                           .session_timeout = world()->session(),
                                                           .client_id = "client " + instance});
  }
  // Steps all members until `done`.
  template <class Done>
  static bool run(const std::vector<Member*>& members, Done done,
                  Duration limit = Duration{30'000}) {
    return world()->until(
        [&] {
          for (Member* member : members) member->step();
          return done();
        },
        limit);
  }
  static bool run_until_shared(const std::vector<Member*>& members, std::size_t partitions) {
    return run(members, [&] {
      std::multiset<Partition> owned;
      for (const Member* member : members) {
        owned.insert(member->partitions().begin(), member->partitions().end());
        if (member->partitions().empty()) return false;
      }
      return owned.size() == partitions;
    });
  }
  const std::string& group() const { return group_; }

 private:
  std::string group_;
};

TEST_F(GroupContract, AMemberAloneOwnsEverything) {
  const std::string topic = make_topic(3);
  write(topic, {"a"}, 0);
  write(topic, {"b"}, 2);
  auto member = make_member({topic});
  ASSERT_TRUE(run({member.get()}, [&] { return member->seen().size() == 2; }));
  EXPECT_THAT(member->partitions(),
              ElementsAre(Partition{topic, 0}, Partition{topic, 1}, Partition{topic, 2}));
  EXPECT_THAT(values(member->seen()), UnorderedElementsAre("a", "b"));
}

TEST_F(GroupContract, RangeKeepsTheSameIndicesOfAllTopicsTogether) {
  const std::string left = make_topic(4);
  const std::string right = make_topic(4);
  auto one = make_member({left, right}, "instance-1");
  auto two = make_member({left, right}, "instance-2");
  ASSERT_TRUE(run_until_shared({one.get(), two.get()}, 8));
  EXPECT_THAT(one->partitions(), UnorderedElementsAre(Partition{left, 0}, Partition{left, 1},
                                                      Partition{right, 0}, Partition{right, 1}));
  EXPECT_THAT(two->partitions(), UnorderedElementsAre(Partition{left, 2}, Partition{left, 3},
                                                      Partition{right, 2}, Partition{right, 3}));
}

TEST_F(GroupContract, AMemberWithoutPartitionsIsTold) {
  const std::string topic = make_topic(1);
  auto one = make_member({topic});
  auto two = make_member({topic});
  ASSERT_TRUE(run({one.get(), two.get()}, [&] {
    return one->assignments() > 0 && two->assignments() > 0 &&
           one->partitions().size() + two->partitions().size() == 1;
  }));
}

TEST_F(GroupContract, ARevokedPartitionIsCommittedBeforeItMoves) {
  const std::string topic = make_topic(2);
  write(topic, {"a", "b"}, 0);
  write(topic, {"c", "d"}, 1);
  auto one = make_member({topic});
  one->commit_when_revoked();
  ASSERT_TRUE(run({one.get()}, [&] { return one->seen().size() == 4; }));
  auto two = make_member({topic});
  ASSERT_TRUE(run_until_shared({one.get(), two.get()}, 2));
  write(topic, {"e"}, 0);
  write(topic, {"f"}, 1);
  ASSERT_TRUE(
      run({one.get(), two.get()}, [&] { return one->seen().size() + two->seen().size() >= 6; }));
  EXPECT_THAT(one->seen(), SizeIs(5));
  EXPECT_THAT(two->seen(), SizeIs(1)) << "read again what its predecessor had committed";
  EXPECT_EQ(one->losses() + two->losses(), 0);
}

TEST_F(GroupContract, KeepsWhatLiesBesideAnOffset) {
  const std::string topic = make_topic(2);
  auto member = make_member({topic});
  ASSERT_TRUE(run({member.get()}, [&] { return member->partitions().size() == 2; }));
  const std::vector<Position> positions = {{{topic, 1}, 7, "beside \"7\""}};
  ASSERT_TRUE(again([&] { return member->consumer().commit(positions, kWait); }).ok());
  const std::vector<Partition> partitions = {{topic, 1}, {topic, 0}};
  auto found = again([&] { return member->consumer().committed(partitions, kWait); });
  ASSERT_TRUE(found.ok()) << found.outcome.text;
  EXPECT_THAT(found.value, ElementsAre(positions[0], Position{{topic, 0}}));
  auto all = again([&] { return admin().committed(group()); });
  ASSERT_TRUE(all.ok()) << all.outcome.text;
  EXPECT_EQ(all.value, positions);
}

TEST_F(GroupContract, ADynamicMemberThatClosesLeavesAtOnce) {
  const std::string topic = make_topic(2);
  auto one = make_member({topic});
  auto two = make_member({topic});
  ASSERT_TRUE(run_until_shared({one.get(), two.get()}, 2));
  const Timestamp before = world()->now();
  two->close();
  ASSERT_TRUE(run({one.get()}, [&] { return one->partitions().size() == 2; }));
  EXPECT_LT(world()->now() - before, world()->session().count()) << "no session had to end";
}

TEST_F(GroupContract, ADeadMembersPartitionsMoveAfterItsSession) {
  const std::string topic = make_topic(2);
  auto one = make_member({topic});
  auto two = make_member({topic});
  ASSERT_TRUE(run_until_shared({one.get(), two.get()}, 2));
  two->die();
  const Timestamp died = world()->now();
  ASSERT_TRUE(run({one.get()}, [&] { return one->partitions().size() == 2; }));
  EXPECT_GE(world()->now() - died, world()->session().count() * 8 / 10);
}

TEST_F(GroupContract, AStaticMemberComesBackUnnoticed) {
  const std::string topic = make_topic(4);
  auto one = make_member({topic}, "instance-1");
  auto two = make_member({topic}, "instance-2");
  ASSERT_TRUE(run_until_shared({one.get(), two.get()}, 4));
  const int before = one->assignments();
  two->die();
  auto heir = make_member({topic}, "instance-2");
  ASSERT_TRUE(run({one.get(), heir.get()}, [&] { return heir->partitions().size() == 2; }));
  EXPECT_THAT(heir->partitions(), ElementsAre(Partition{topic, 2}, Partition{topic, 3}));
  EXPECT_EQ(one->assignments(), before);
  EXPECT_THAT(one->partitions(), ElementsAre(Partition{topic, 0}, Partition{topic, 1}));
  const std::vector<Position> positions = {{{topic, 2}, 1}};
  EXPECT_TRUE(again([&] { return heir->consumer().commit(positions, kWait); }).ok());
}

TEST_F(GroupContract, AStaticMemberThatClosesKeepsItsPlace) {
  const std::string topic = make_topic(2);
  auto one = make_member({topic}, "instance-1");
  auto two = make_member({topic}, "instance-2");
  ASSERT_TRUE(run_until_shared({one.get(), two.get()}, 2));
  const int before = one->assignments();
  two->close();
  auto heir = make_member({topic}, "instance-2");
  ASSERT_TRUE(run({one.get(), heir.get()}, [&] { return heir->partitions().size() == 1; }));
  EXPECT_EQ(one->assignments(), before);
}

TEST_F(GroupContract, ASecondLifeFencesTheFirst) {
  const std::string topic = make_topic(1);
  auto first = make_member({topic}, "instance-1");
  ASSERT_TRUE(run({first.get()}, [&] { return first->partitions().size() == 1; }));
  auto second = make_member({topic}, "instance-1");
  ASSERT_TRUE(run({first.get(), second.get()}, [&] {
    return first->failure().has_value() && second->partitions().size() == 1;
  }));
  EXPECT_EQ(first->failure()->fault, Fault::kFenced) << first->failure()->text;
  EXPECT_FALSE(second->failure().has_value());
}

TEST_F(GroupContract, SaysWhenATopicIsMissing) {
  const std::string topic = world()->unique("later");
  auto member = make_member({topic});
  ASSERT_TRUE(run({member.get()}, [&] {
    for (const Event& event : member->troubles()) {
      if (event.kind == Event::Kind::kTopicMissing && event.partitions.at(0).topic == topic) {
        return true;
      }
    }
    return false;
  }));
}

TEST_F(GroupContract, SaysWhenATopicIsDeletedUnderIt) {
  const std::string topic = make_topic(2);
  auto member = make_member({topic});
  ASSERT_TRUE(run({member.get()}, [&] { return member->partitions().size() == 2; }));
  const std::vector<std::string> names = {topic};
  ASSERT_TRUE(again([&] { return admin().delete_topics(names); }).ok());
  EXPECT_TRUE(run({member.get()}, [&] {
    for (const Event& event : member->troubles()) {
      if (event.kind == Event::Kind::kTopicMissing && event.partitions.at(0).topic == topic) {
        return true;
      }
    }
    return false;
  }));
}

TEST_F(GroupContract, AMistakenSessionTimeoutIsTold) {
  const std::string topic = make_topic(1);
  Member member(cluster(), {.group = group(),
                            .topics = {topic},
                            .session_timeout = Duration{world()->session().count() / 10}});
  EXPECT_TRUE(run({&member}, [&] { return member.failure().has_value(); }));
  EXPECT_EQ(member.failure()->fault, Fault::kDenied) << member.failure()->text;
}

TEST_F(GroupContract, DescribesItsMembers) {
  const std::string topic = make_topic(2);
  auto one = make_member({topic}, "instance-1");
  auto two = make_member({topic}, "instance-2");
  ASSERT_TRUE(run_until_shared({one.get(), two.get()}, 2));
  auto found = again([&] { return admin().group(group()); });
  ASSERT_TRUE(found.ok()) << found.outcome.text;
  EXPECT_EQ(found.value.state, "Stable");
  ASSERT_THAT(found.value.members, SizeIs(2));
  for (const kafka::GroupMember& member : found.value.members) {
    EXPECT_EQ(member.client_id, "client " + member.instance_id);
    const std::int32_t index = member.instance_id == "instance-1" ? 0 : 1;
    EXPECT_THAT(member.partitions, ElementsAre(Partition{topic, index}));
  }
  EXPECT_EQ(again([&] { return admin().delete_group(group()); }).fault, Fault::kDenied);
}

TEST_F(GroupContract, AGroupThatNeverWasIsDead) {
  auto found = again([&] { return admin().group(group()); });
  ASSERT_TRUE(found.ok()) << found.outcome.text;
  EXPECT_EQ(found.value.state, "Dead");
  EXPECT_THAT(found.value.members, IsEmpty());
  auto all = again([&] { return admin().committed(group()); });
  ASSERT_TRUE(all.ok()) << all.outcome.text;
  EXPECT_THAT(all.value, IsEmpty());
}

TEST_F(GroupContract, ATopicThatGrowsIsSharedAgain) {
  const std::string topic = make_topic(1);
  auto member = make_member({topic});
  ASSERT_TRUE(run({member.get()}, [&] { return member->partitions().size() == 1; }));
  ASSERT_TRUE(again([&] { return admin().grow_topic(topic, 3); }).ok());
  EXPECT_TRUE(run({member.get()}, [&] { return member->partitions().size() == 3; }));
}

}  // namespace
}  // namespace weir::tests
