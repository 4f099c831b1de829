#include "engine/sink_position.h"

#include <gtest/gtest.h>

namespace weir::engine {
namespace {

TEST(SinkPosition, StandsBehindWhatIsThere) {
  std::string state = "weir1 5 -3";
  append_sink_position(state, {1'763'981'400'250, 42, 9, 30});
  EXPECT_EQ(state, "weir1 5 -3 #1763981400250 42 9 30");
  const SinkPosition back = take_sink_position(state);
  EXPECT_EQ(state, "weir1 5 -3");
  EXPECT_EQ(back.since, 1'763'981'400'250);
  EXPECT_EQ(back.number, 42);
  EXPECT_EQ(back.owner, 9);
  EXPECT_EQ(back.start, 30);
}

TEST(SinkPosition, IsNotWrittenBeforeTheFirstResult) {
  std::string state = "weir1 5 -3";
  append_sink_position(state, {7, 0, 1, 0});
  EXPECT_EQ(state, "weir1 5 -3");
  EXPECT_EQ(take_sink_position(state).number, 0);
  EXPECT_EQ(state, "weir1 5 -3");
}

TEST(SinkPosition, LeavesWhatSomebodyElseHasWritten) {
  for (const char* text : {"", "#", " #", " #1", " #1 ", " #1 2 3", " #1 x 3 4", " #1 0 3 4",
                           " #1 2 3 4 5", " #1 2 3 4 ", " #1,2 3 4", "a #b 1 2 3"}) {
    std::string state = text;
    EXPECT_EQ(take_sink_position(state).number, 0) << text;
    EXPECT_EQ(state, text);
  }
}

}  // namespace
}  // namespace weir::engine
