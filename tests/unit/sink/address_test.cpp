#include "sink/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::sink {
namespace {

TEST(SinkAddress, WhatIsClearPasses) {
  for (const char* good :
       {"mongodb://h", "mongodb://u:pass@h1:1,h2:2/db?tls=true", "mongodb+srv://u@h/",
        "postgresql://u:s3%40c%3Ar%2Fe%3Ft%25@h:5432/db", "postgresql://h/db?options=-c%20x",
        "postgresql://u:p@[::1]:5432/db", "host=h password=a@b:c/d", "nonsense", ""}) {
    EXPECT_TRUE(check_login(good)) << good;
  }
}

TEST(SinkAddress, ARawMarkInUserOrPasswordIsRefusedAndNothingQuoted) {
  for (const char* bad :
       {"mongodb://u:S3:cret@h/", "mongodb://u:S3@cret@h/", "mongodb://u:S3/cret@h/",
        "mongodb://u:S3?cret@h/", "mongodb://u:S3#cret@h/", "mongodb://u:S3%cret@h/",
        "mongodb://u:S3cret%4@h/", "postgresql://u:S3@cret@h/d", "postgresql://u:S3/cret@h/d",
        "mongodb://u:S3cret@h/db?x=y@z"}) {
    const Status checked = check_login(bad);
    ASSERT_FALSE(checked) << bad;
    EXPECT_THAT(checked.error().to_string(), testing::HasSubstr("%40 for @"));
    EXPECT_THAT(checked.error().to_string(), testing::Not(testing::HasSubstr("S3")));
    EXPECT_THAT(checked.error().to_string(), testing::Not(testing::HasSubstr("cret")));
  }
}

}  // namespace
}  // namespace weir::sink
