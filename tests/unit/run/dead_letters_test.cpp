#include "run/dead_letters.h"

#include <gmock/gmock.h>

namespace weir::run {
namespace {

using ::testing::SizeIs;

std::vector<Header> written() {
  return {{"trace", "1"},
          {"weir.reason", "of the producer"},
          {"trace", std::nullopt},
          {"__streams.errors.exception", "decode"},
          {"__streams.errors.message", "byte 17"},
          {"__streams.errors.topic", "orders"},
          {"__streams.errors.partition", "3"},
          {"__streams.errors.offset", "88123"},
          {"weir.job", "shop"},
          {"weir.step", "source-orders"},
          {"weir.reason", "decode"},
          {"weir.version", "0.1"}};
}

TEST(DeadLetters, OwnHeadersOfTheRecordStayInOrder) {
  const std::vector<Header> headers = written();
  DeadLetter letter;
  read_letter_headers(headers, letter);
  ASSERT_TRUE(letter.is_ours());
  EXPECT_EQ(letter.reason, "decode");
  EXPECT_EQ(letter.step, "source-orders");
  EXPECT_EQ(letter.message, "byte 17");
  EXPECT_EQ(letter.topic, "orders");
  EXPECT_EQ(letter.from_partition, 3);
  EXPECT_EQ(letter.from_offset, 88123);
  ASSERT_THAT(letter.headers, SizeIs(3));
  EXPECT_EQ(letter.headers[1].value, "of the producer");
  EXPECT_EQ(letter.headers[2].value, std::nullopt);
}

TEST(DeadLetters, WhatSomebodyElseWroteIsLeftAsItIs) {
  std::vector<Header> headers = written();
  headers.pop_back();
  DeadLetter letter;
  read_letter_headers(headers, letter);
  EXPECT_FALSE(letter.is_ours());
  EXPECT_THAT(letter.headers, SizeIs(headers.size()));
  read_letter_headers({}, letter);
  EXPECT_FALSE(letter.is_ours());
}

TEST(DeadLetters, AnotherRecordHasAnotherFingerprint) {
  DeadLetter one{.time = 5, .reason = "late", .topic = "orders", .from_partition = 1};
  DeadLetter other = one;
  EXPECT_EQ(one.fingerprint(), other.fingerprint());
  other.from_offset = 7;
  EXPECT_NE(one.fingerprint(), other.fingerprint());
  other = one;
  other.time = 6;
  EXPECT_NE(one.fingerprint(), other.fingerprint());
}

}  // namespace
}  // namespace weir::run
