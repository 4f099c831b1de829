// What `look_at` says of a MongoDB server, and that it leaves nothing there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sinks/mongo_world.h"
#include <weir/sink_look.h>

namespace weir {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using tests::MongoCollection;
using tests::variable;
using Is = SinkLook::Is;

MongodbOptions options_for(const MongoCollection& collection) {
  return {.uri = variable("WEIR_TEST_MONGODB"),
          .database = "weir_tests",
          .collection = collection.name()};
}

TEST(MongodbLook, ACollectionThatIsNotThereIsNotMade) {
  const MongoCollection collection(variable("WEIR_TEST_MONGODB"), "look_missing");
  for (int again = 0; again < 2; ++again) {
    const SinkLook look = look_at(options_for(collection));
    EXPECT_EQ(look.is, Is::missing) << look.why;
  }
}

TEST(MongodbLook, OneThatIsThereIsReadyAndStaysAsItIs) {
  const MongoCollection collection(variable("WEIR_TEST_MONGODB"), "look_ready");
  auto sink = std::move(*(*mongodb_sink(options_for(collection)))(0));
  const SinkRecord record{.key = "k", .value = R"({"n":1})"};
  ASSERT_EQ(sink->write(std::span(&record, 1)).what, SinkAnswer::What::done);
  ASSERT_EQ(sink->flush().what, SinkAnswer::What::done);
  const SinkLook look = look_at(options_for(collection));
  EXPECT_EQ(look.is, Is::ready) << look.why;
  EXPECT_THAT(collection.documents(), SizeIs(1));
}

TEST(MongodbLook, AServerThatIsNotThereIsNamedWithoutItsPassword) {
  const SinkLook look = look_at({.uri = "mongodb://ann:hunter2@127.0.0.1:1/?authSource=admin",
                                 .database = "weir_tests",
                                 .collection = "look"});
  EXPECT_EQ(look.is, Is::unreachable);
  EXPECT_THAT(look.why, HasSubstr("127.0.0.1:1"));
  EXPECT_THAT(look.why, Not(HasSubstr("hunter2")));
  EXPECT_EQ(look_at({.uri = "nonsense", .database = "d", .collection = "c"}).is, Is::refused);
}

}  // namespace
}  // namespace weir
