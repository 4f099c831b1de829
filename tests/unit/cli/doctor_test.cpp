// The judgements of `weir doctor`, on worlds that are made up.
#include "cli/doctor.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/weir.h>

namespace weir::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Use = Preview::Use;

// "bad: reason", of each finding that is not ok.
std::vector<std::string> troubles(const Findings& findings) {
  std::vector<std::string> found;
  for (const Finding& finding : findings.all()) {
    if (finding.verdict == Verdict::ok) continue;
    found.push_back(std::string(name_of(finding.verdict)) + ": " + finding.reason);
    if (finding.verdict == Verdict::unknown) continue;
    EXPECT_FALSE(finding.next.empty()) << finding.reason;
  }
  return found;
}

template <class Judge>
std::vector<std::string> judged(Judge judge) {
  Findings findings;
  judge(findings);
  EXPECT_FALSE(findings.all().empty());
  return troubles(findings);
}

TEST(DoctorHost, LimitsAreHeldAgainstWhatTheJobNeeds) {
  const auto limits = [](HostLimits of, std::int64_t tasks) {
    return judged([&](Findings& into) { judge_limits(of, tasks, 5, into); });
  };
  EXPECT_THAT(limits({}, 100), IsEmpty());
  EXPECT_THAT(limits({.open_files = 20'000}, 100), IsEmpty());
  EXPECT_THAT(limits({.open_files = 600}, 100), ElementsAre(HasSubstr("warn: at most 600 open")));
  EXPECT_THAT(limits({.open_files = 300}, 100), ElementsAre(HasSubstr("bad: at most 300 open")));
  EXPECT_THAT(limits({.address_bytes = std::int64_t{4} << 30}, 10),
              ElementsAre(HasSubstr("bad: address space is limited to 4.3 GB")));
  EXPECT_THAT(limits({.file_bytes = 1'000'000}, 1),
              ElementsAre(HasSubstr("warn: a file may grow to 1.0 MB")));
}

TEST(DoctorHost, ThePlaceOfTheState) {
  const StatePlace good{
      .job = "/s/job", .is_writable = true, .kind = "ext4", .free_bytes = 50'000'000'000};
  const auto state = [](const StatePlace& place) {
    return judged([&](Findings& into) { judge_state(place, into); });
  };
  EXPECT_THAT(state(good), IsEmpty());
  StatePlace place = good;
  place.is_writable = false;
  place.why = "this user may not write in /s";
  EXPECT_THAT(state(place), ElementsAre(HasSubstr("bad: /s/job: this user may not write in /s")));
  place = good;
  place.kind = "nfs4";
  EXPECT_THAT(state(place), ElementsAre(HasSubstr("bad: it lies on nfs4")));
  place.kind = "tmpfs";
  EXPECT_THAT(state(place), ElementsAre(HasSubstr("warn: it lies in memory")));
  place = good;
  place.free_bytes = 10'000'000;
  EXPECT_THAT(state(place), ElementsAre(HasSubstr("bad: only 10.0 MB are free")));
  place.free_bytes = 2'000'000'000;
  place.used_bytes = 8'000'000'000;
  EXPECT_THAT(state(place), ElementsAre(HasSubstr("warn: only 2.0 GB are free")));
  place.free_bytes = -1;
  EXPECT_THAT(state(place), ElementsAre(HasSubstr("unknown: ")));
}

TEST(DoctorHost, LooksAtAFolderAndMakesNone) {
  const std::filesystem::path here = std::filesystem::path(::testing::TempDir()) / "doctor_state";
  std::filesystem::remove_all(here);
  const StatePlace none = look_at_state(here / "deep", "job");
  EXPECT_TRUE(none.is_writable);
  EXPECT_FALSE(none.is_there);
  EXPECT_GT(none.free_bytes, 0);
  EXPECT_FALSE(std::filesystem::exists(here));
  std::filesystem::create_directories(here / "job" / "0_0");
  std::ofstream(here / "job" / "0_0" / "data.mdb") << "12345";
  const StatePlace there = look_at_state(here, "job");
  EXPECT_TRUE(there.is_there);
  EXPECT_EQ(there.used_bytes, 5);
  EXPECT_EQ(there.owner, "");
  std::ofstream(here / "file") << "x";
  EXPECT_THAT(look_at_state(here / "file", "job").why, HasSubstr("is no folder"));
  std::filesystem::remove_all(here);
}

kafka::ClusterFacts cluster(int brokers = 1) {
  kafka::ClusterFacts facts;
  facts.versions = {{8, {2, 10}}, {28, {0, 5}}};
  for (int id = 1; id <= brokers; ++id) facts.brokers.push_back({id, "b:" + std::to_string(id)});
  return facts;
}

TEST(DoctorBrokers, TheirAgeAndTheirSettings) {
  const auto brokers = [](const kafka::ClusterFacts& facts, std::optional<kafka::Configs> settings,
                          bool exactly_once = true) {
    return judged([&](Findings& into) { judge_cluster(facts, settings, exactly_once, into); });
  };
  const kafka::Configs good{{"transaction.max.timeout.ms", "900000"},
                            {"group.min.session.timeout.ms", "6000"},
                            {"group.max.session.timeout.ms", "1800000"},
                            {"offsets.retention.minutes", "10080"}};
  EXPECT_THAT(brokers(cluster(), good), IsEmpty());
  EXPECT_THAT(brokers(cluster(), std::nullopt), ElementsAre(HasSubstr("unknown: their own")));
  kafka::ClusterFacts old = cluster();
  old.versions = {{8, {0, 8}}, {28, {0, 2}}};
  EXPECT_THAT(brokers(old, good), ElementsAre(HasSubstr("bad: they are older than Kafka 2.5")));
  EXPECT_THAT(brokers(old, good, false), IsEmpty());
  old.versions.clear();
  EXPECT_THAT(brokers(old, good), ElementsAre(HasSubstr("unknown: which versions")));
  kafka::ClusterFacts slow = cluster();
  slow.answer_seconds = 2.5;
  EXPECT_THAT(brokers(slow, good), ElementsAre(HasSubstr("answered within 2s 501ms")));
  kafka::Configs settings = good;
  settings["transaction.max.timeout.ms"] = "5000";
  EXPECT_THAT(brokers(cluster(), settings), ElementsAre(HasSubstr("bad: transaction.max")));
  settings = good;
  settings["group.max.session.timeout.ms"] = "30000";
  EXPECT_THAT(brokers(cluster(), settings), ElementsAre(HasSubstr("bad: they refuse sessions")));
  settings = good;
  settings["offsets.retention.minutes"] = "60";
  EXPECT_THAT(brokers(cluster(), settings), ElementsAre(HasSubstr("stands still longer than 1h")));
}

Topology copying() {
  Builder builder;
  builder.stream(Topic<std::string, std::string>("in")).to(Topic<std::string, std::string>("out"));
  return *builder.build();
}

TEST(DoctorTopics, HealthOfThoseThatAreThere) {
  Preview preview;
  preview.topics = {{.name = "in", .use = Use::source, .found = 2, .wanted = 2}};
  kafka::ClusterFacts facts = cluster(3);
  const auto topics = [&] {
    return judged([&](Findings& into) { judge_topics(facts, preview, copying(), "job", into); });
  };
  facts.topics["in"] = {{true, 3, 3}, {true, 3, 3}};
  EXPECT_THAT(topics(), IsEmpty());
  facts.topics["in"] = {{true, 3, 2}, {true, 3, 3}};
  EXPECT_THAT(topics(), ElementsAre(HasSubstr("warn: 1 partitions of 'in' have replicas")));
  facts.topics["in"] = {{false, 3, 2}, {true, 3, 3}};
  EXPECT_THAT(topics(), ElementsAre(HasSubstr("bad: 1 partitions of 'in' have no leader")));
  facts.topics["in"] = {{true, 1, 1}, {true, 1, 1}};
  EXPECT_THAT(topics(), ElementsAre(HasSubstr("warn: 'in' has one copy on 3 brokers")));
}

TEST(DoctorTopics, RetentionIsHeldAgainstHowFarTheJobLooksBack) {
  const auto retention = [](std::map<std::string, std::string> settings) {
    Preview preview;
    preview.topics = {{.name = "in", .use = Use::source, .found = 1}};
    preview.topics[0].found_settings = std::move(settings);
    return judged(
        [&](Findings& into) { judge_retention(preview, {.ms = 86'400'000, .step = "p.1"}, into); });
  };
  EXPECT_THAT(retention({{"cleanup.policy", "delete"}, {"retention.ms", "604800000"}}), IsEmpty());
  EXPECT_THAT(retention({{"cleanup.policy", "delete"}, {"retention.ms", "-1"}}), IsEmpty());
  EXPECT_THAT(retention({{"cleanup.policy", "compact"}, {"retention.ms", "1000"}}), IsEmpty());
  EXPECT_THAT(retention({{"cleanup.policy", "compact,delete"}, {"retention.ms", "3600000"}}),
              ElementsAre(HasSubstr("warn: 'in' keeps records 1h, and p.1 looks back 1d")));
  EXPECT_THAT(retention({}), ElementsAre(HasSubstr("unknown: how long 'in'")));
}

TEST(DoctorClocks, TellWhatTheyCanAndNoMore) {
  constexpr Timestamp kNow = 1'700'000'000'000;
  const auto clocks = [](const Stamps& stamps) {
    return judged([&](Findings& into) { judge_clocks(stamps, kNow, into); });
  };
  EXPECT_THAT(clocks({.brokers = kNow - 400}), IsEmpty());
  EXPECT_THAT(clocks({.brokers = kNow + 900}), IsEmpty());
  EXPECT_THAT(clocks({.brokers = kNow + 5'000}),
              ElementsAre(HasSubstr("warn: the brokers' clock "
                                    "is ahead of this one by 5s")));
  EXPECT_THAT(clocks({.brokers = kNow + 60'000}), ElementsAre(HasSubstr("bad: ")));
  EXPECT_THAT(clocks({.brokers = kNow - 3'600'000}), ElementsAre(HasSubstr("unknown: ")));
  EXPECT_THAT(clocks({.why = "none can be seen"}), ElementsAre(HasSubstr("none can be seen")));
  EXPECT_THAT(clocks({.brokers = kNow, .sources = {{"in", kNow + 3'600'000}, {"b", kNow}}}),
              ElementsAre(HasSubstr("warn: 'in' has a record that is 1h ahead")));
}

}  // namespace
}  // namespace weir::cli
