#include "job/scalar.h"

#include <gtest/gtest.h>

#include "job/field_type.h"
#include "job/job_schema.h"
#include "job/settings.h"
#include "job/structure.h"

namespace weir::job {
namespace {

bool fits_plain(Want want, std::string_view text) { return fits(want, {}, text); }

TEST(Scalar, KnowsItsForms) {
  struct Row {
    Want want;
    std::vector<std::string_view> good;
    std::vector<std::string_view> bad;
  };
  const std::vector<Row> rows{
      {Want::duration,
       {"0s", "200ms", "15m", "24h", "7d"},
       {"", "15", "m", "-1s", "1.5h", "1 s", "15M", "99999999999999999999s",
        "9223372036854775807d"}},
      {Want::size,
       {"1B", "64KiB", "10GiB", "1TiB"},
       {"", "10", "10GB", "0GiB", "-1MiB", "1.5GiB", "99999999999TiB"}},
      {Want::percent, {"5%", "0.1%", "100%"}, {"5", "%", "101%", "-1%", "1e1%", ".5%"}},
      {Want::rate, {"10/s", "0.2/s", "100/m"}, {"10", "0/s", "10/d", "/s", "x/s"}},
      {Want::range, {"100ms..10s", "1s..1s"}, {"10s..1s", "1s", "1s..", "..1s"}},
      {Want::integer, {"1", "100"}, {"0", "-1", "1.0", "x", "", "1e3", "99999999999"}},
      {Want::count, {"0", "5"}, {"-1", ""}},
      {Want::boolean, {"true", "false"}, {"yes", "True", ""}},
      {Want::name, {"orders", "_x1", "Orders"}, {"", "1a", "a-b", "a.b", "and", "case"}},
      {Want::dash_name, {"order-payments", "a1"}, {"", "Order", "1a", "a_b", "-a"}},
      {Want::version, {"1"}, {"2", "1.0", ""}}};
  for (const Row& row : rows) {
    for (const auto text : row.good) EXPECT_TRUE(fits_plain(row.want, text)) << text;
    for (const auto text : row.bad) EXPECT_FALSE(fits_plain(row.want, text)) << text;
  }
  constexpr std::string_view kWords[] = {"never"};
  EXPECT_TRUE(fits(Want::duration, kWords, "never"));
  EXPECT_FALSE(fits(Want::word, kWords, "always"));
}

TEST(Scalar, TopicNamesAreThoseOfKafka) {
  EXPECT_TRUE(is_topic_name("orders_topic-data.v1"));
  EXPECT_FALSE(is_topic_name(""));
  EXPECT_FALSE(is_topic_name("."));
  EXPECT_FALSE(is_topic_name("a b"));
  EXPECT_FALSE(is_topic_name(std::string(250, 'a')));
}

std::string type_text(std::string_view text) {
  expression::Type type;
  return parse_scalar_type(text, type) ? type.to_string() : "none";
}

TEST(FieldType, ReadsScalars) {
  for (const char* text :
       {"string", "int or null", "decimal(2)", "decimal(18) or null", "time", "date", "any"}) {
    EXPECT_EQ(type_text(text), text);
  }
  for (const char* text : {"", "decimal", "decimal()", "decimal(19)", "decimal(-1)", "decimal(2",
                           "String", "null", "string?", "time(s)"}) {
    EXPECT_EQ(type_text(text), "none");
  }
}

TEST(FieldType, ReadsNestedMapsAndLists) {
  const Source source("job.yaml", "a: int\nu: {id: string, geo: {x: float}}\nl: [{p: int}]\n");
  Diagnostics found(source);
  const expression::Schema schema = read_fields(*read_yaml(found), found);
  EXPECT_TRUE(found.all().empty());
  std::string all;
  for (const auto& column : schema.columns)
    all += column.name + ":" + column.type.to_string() + " ";
  EXPECT_EQ(all,
            "a:int u:{id: string, geo: {x: float}} u.id:string u.geo:{x: float} u.geo.x:float "
            "l:[{p: int}] ");
  EXPECT_EQ(schema.columns[4].parent, 3);
}

TEST(FieldType, RefusesWhatIsNone) {
  for (const char* text : {"a: strng", "a: []", "a: [int, int]", "a: {}", "a:", "a: [[strng]]"}) {
    const Source source("job.yaml", text);
    Diagnostics found(source);
    read_fields(*read_yaml(found), found);
    ASSERT_EQ(found.all().size(), 1U) << text;
    EXPECT_EQ(found.all()[0].code, "E209");
  }
}

std::string param(const std::string& written) {
  const Source source("job.yaml", "p: " + written);
  Diagnostics found(source);
  return param_of(*read_yaml(found)->find("p")).type.to_string();
}

TEST(Params, HaveTheTypeTheyLookLike) {
  EXPECT_EQ(param("5"), "int");
  EXPECT_EQ(param("-5"), "int");
  EXPECT_EQ(param("1.50"), "decimal(2)");
  EXPECT_EQ(param("1e3"), "float");
  EXPECT_EQ(param("true"), "bool");
  EXPECT_EQ(param("15m"), "duration");
  EXPECT_EQ(param("'5'"), "string");
  EXPECT_EQ(param("abc"), "string");
  EXPECT_EQ(param("1.2.3"), "string");
  EXPECT_EQ(param("99999999999999999999"), "string");
  EXPECT_EQ(param("1-2"), "string");
}

TEST(Settings, HaveDefaultsAndAreRead) {
  const Source source(
      "job.yaml",
      "job: a\nkafka: {guarantee: at_least_once, threads: 4, commit_every: 50ms, "
      "membership: dynamic, topics: {create: false, partitions: 3}, properties: "
      "{a.b: 1}}\nstate: {max_size: 1GiB, standbys: 2}\nerrors: {decode: drop, late: "
      "{topic: late}, stop_above: {share: 5%, over: 1m}}\nlog: {level: warn}\n");
  Diagnostics found(source);
  JobPlan plan;
  read_settings(*read_yaml(found), found, plan);
  EXPECT_TRUE(found.all().empty());
  EXPECT_FALSE(plan.kafka.exactly_once);
  EXPECT_EQ(plan.kafka.threads, 4);
  EXPECT_EQ(plan.kafka.commit_every_ms, 50);
  EXPECT_FALSE(plan.kafka.static_membership);
  EXPECT_FALSE(plan.kafka.topics.create);
  EXPECT_EQ(plan.kafka.topics.partitions, 3);
  EXPECT_EQ(plan.kafka.topics.replication, std::nullopt);
  EXPECT_EQ(plan.kafka.properties[0].first, "a.b");
  EXPECT_EQ(plan.state.bytes_max, 1LL << 30);
  EXPECT_EQ(plan.state.standbys, 2);
  EXPECT_EQ(plan.errors.decode, Answer::drop);
  EXPECT_EQ(plan.errors.process, Answer::stop);
  EXPECT_EQ(plan.errors.late_topic, "late");
  EXPECT_DOUBLE_EQ(plan.errors.stop_above_share, 0.05);
  EXPECT_EQ(plan.errors.stop_above_over_ms, 60'000);
  EXPECT_EQ(plan.log.level, "warn");
  EXPECT_EQ(plan.log.format, "text");
  EXPECT_EQ(plan.http.listen, "127.0.0.1:9464");
}

// Every key of the language is in the schema, with its words.
void expect_keys(const MapSpec& map, const std::string& schema, int depth) {
  for (const KeySpec& key : map.keys) {
    EXPECT_NE(schema.find("\"" + std::string(key.name) + "\": {"), std::string::npos) << key.name;
    EXPECT_FALSE(key.doc.empty()) << key.name;
    for (const std::string_view word : key.words) {
      EXPECT_NE(schema.find(word), std::string::npos) << word;
    }
    if (!key.initial.empty() && key.map == nullptr) {
      EXPECT_TRUE(fits(key.want, key.words, key.initial)) << key.name;
    }
    if (key.map != nullptr && depth < 6) expect_keys(*key.map, schema, depth + 1);
  }
}

TEST(JobSchema, HasEveryKeyOfTheLanguage) {
  const std::string schema = job_schema();
  expect_keys(job_language(), schema, 0);
  EXPECT_EQ(schema.find("anyOf"), std::string::npos);
  EXPECT_EQ(schema.find("oneOf"), std::string::npos);
  EXPECT_EQ(schema, job_schema());
}

TEST(Structure, KnowsWhereExpressionsStand) {
  EXPECT_TRUE(is_expression(Want::expression));
  EXPECT_TRUE(is_expression(Want::aggregates_by_name));
  EXPECT_FALSE(is_expression(Want::text));
}

}  // namespace
}  // namespace weir::job
