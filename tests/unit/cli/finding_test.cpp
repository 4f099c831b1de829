#include "cli/finding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Examination sick() {
  Examination one{.job = "shop", .file = "shop.yaml"};
  one.findings.ok("client", "weir");
  one.findings.warn("retention", "'in' keeps records 1h", "raise it");
  one.findings.unknown("clock", "not known");
  return one;
}

TEST(Finding, TheWorstCountsAndWhatIsNotKnownIsNotBad) {
  Examination one = sick();
  EXPECT_EQ(one.findings.worst(), Verdict::warn);
  one.findings.bad("topics", "'in' does not exist", "create it");
  EXPECT_EQ(one.findings.worst(), Verdict::bad);
  Examination unsure{.job = "a", .file = "a.yaml"};
  unsure.findings.unknown("clock", "not known");
  EXPECT_EQ(unsure.findings.worst(), Verdict::ok);
  EXPECT_EQ(findings_summary({one, unsure}), "1 bad, 1 to watch, 2 not known, 1 good");
}

TEST(Finding, AsText) {
  EXPECT_EQ(findings_text(sick(), false, false),
            "shop   shop.yaml\n"
            "  ✔ client     weir\n"
            "  ! retention  'in' keeps records 1h\n"
            "               -> raise it\n"
            "  ? clock      not known\n");
  EXPECT_THAT(findings_text(sick(), true, false), Not(HasSubstr("client")));
  Examination well{.job = "shop", .file = "shop.yaml"};
  well.findings.ok("client", "weir");
  EXPECT_EQ(findings_text(well, true, false), "");
}

TEST(Finding, AsJson) {
  EXPECT_THAT(
      findings_json({sick()}),
      HasSubstr("{\"job\":\"shop\",\"file\":\"shop.yaml\",\"verdict\":\"warn\",\"findings\":"
                "[{\"area\":\"client\",\"verdict\":\"ok\",\"reason\":\"weir\",\"next\":"
                "null},{\"area\":\"retention\",\"verdict\":\"warn\",\"reason\":\"'in' keeps "
                "records 1h\",\"next\":\"raise it\"}"));
}

}  // namespace
}  // namespace weir::cli
