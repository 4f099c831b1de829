#include "sink/sink_look.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir {
namespace {

using Is = SinkLook::Is;

class Nothing final : public Sink {
 public:
  explicit Nothing(bool* closed) : closed_(closed) {}
  SinkAnswer write(std::span<const SinkRecord> batch) override {
    (void)batch;
    return {SinkAnswer::What::never, "a look writes nothing"};
  }
  SinkAnswer flush() override { return {SinkAnswer::What::never, "a look writes nothing"}; }
  void close() override { *closed_ = true; }

 private:
  bool* closed_;
};

TEST(SinkLook, ASinkThatOpensIsReadyAndIsClosed) {
  bool closed = false;
  const OpenSink open = [&](int) -> Result<std::unique_ptr<Sink>> {
    return std::unique_ptr<Sink>(std::make_unique<Nothing>(&closed));
  };
  EXPECT_EQ(sink::look_by_opening(open, "").is, Is::ready);
  EXPECT_TRUE(closed);
}

TEST(SinkLook, OneThatWaitsSaysForWhat) {
  bool closed = false;
  std::string heard;
  const SinkLog log = sink::hear_warnings(heard);
  log(6, "news");
  EXPECT_EQ(heard, "");
  const OpenSink open = [&](int) -> Result<std::unique_ptr<Sink>> {
    log(4, "PostgreSQL at a:1, t: connection refused; waiting for it");
    return std::unique_ptr<Sink>(std::make_unique<Nothing>(&closed));
  };
  const SinkLook look = sink::look_by_opening(open, heard);
  EXPECT_EQ(look.is, Is::unreachable);
  EXPECT_EQ(look.why, "PostgreSQL at a:1, t: connection refused");
}

TEST(SinkLook, OneThatDoesNotOpenIsRefused) {
  const OpenSink open = [](int) -> Result<std::unique_ptr<Sink>> { return Error{"no right"}; };
  EXPECT_EQ(sink::look_by_opening(open, "").why, "no right");
  EXPECT_EQ(sink::look_by_opening(Error{"no address"}, "").is, Is::refused);
}

}  // namespace
}  // namespace weir
