#include "job/outside.h"

#include <gtest/gtest.h>

#include "job/diagnostic_print.h"

namespace weir::job {
namespace {

Outside outside() {
  Outside made;
  made.environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "TOPIC") return "from-env";
    if (name == "EMPTY") return "";
    if (name == "TRICKY") return "a: {b: [c";
    return std::nullopt;
  };
  made.file = [](const std::string& path) -> Result<std::string> {
    if (path == "/secret") return std::string("s3\n\n");
    if (path == "/cred/mongo") return std::string("token\n");
    if (path == "/cred/weir_broker") return std::string("of the folder\n");
    return Error{"cannot read '" + path + "'"};
  };
  made.credentials_folder = "/cred";
  return made;
}

struct Expanded {
  explicit Expanded(const std::string& value, Outside from = outside())
      : source("job.yaml", "params: {p: 5}\njob: " + value + "\n"), found(source) {
    tree = *read_yaml(found);
    put_in_outside_values(tree, from, found);
  }
  const Node& node() const { return *tree.find("job"); }
  std::string codes() const {
    std::string all;
    for (const Diagnostic& d : found.all()) all += d.code + " ";
    return all;
  }
  Source source;
  Diagnostics found;
  Node tree;
};

TEST(Outside, PutsInVariables) {
  EXPECT_EQ(Expanded("${TOPIC}").node().text, "from-env");
  EXPECT_EQ(Expanded("a-${TOPIC}-b-${TOPIC}").node().text, "a-from-env-b-from-env");
  EXPECT_EQ(Expanded("${NONE:-other}").node().text, "other");
  EXPECT_EQ(Expanded("${NONE:-}").node().text, "");
  EXPECT_EQ(Expanded("${EMPTY:-other}").node().text, "other");
  EXPECT_EQ(Expanded("${EMPTY}").node().text, "");
  EXPECT_EQ(Expanded("${TOPIC:?needed}").node().text, "from-env");
  EXPECT_EQ(Expanded("$TOPIC").node().text, "$TOPIC");
}

TEST(Outside, AValueNeverAddsStructure) {
  const Expanded e("${TRICKY}");
  EXPECT_TRUE(e.node().is_scalar());
  EXPECT_EQ(e.node().text, "a: {b: [c");
}

TEST(Outside, FilesAndCredentialsAreSecretAndLoseOneLineEnd) {
  const Expanded file("${file:/secret}");
  EXPECT_EQ(file.node().text, "s3\n");
  EXPECT_TRUE(file.node().secret);
  EXPECT_EQ(redacted_json(file.tree), R"({"params": {"p": "5"}, "job": "***"})");
  EXPECT_EQ(Expanded("${credential:mongo}").node().text, "token");
  EXPECT_EQ(Expanded("${credential:broker}").node().text, "of the folder");
}

TEST(Outside, ParametersComeFromTheJobOrTheCommandLine) {
  EXPECT_EQ(Expanded("x${param:p}").node().text, "x5");
  Outside from = outside();
  from.params = {{"p", "7"}};
  EXPECT_EQ(Expanded("x${param:p}", from).node().text, "x7");
  from.params = {{"q", "7"}};
  EXPECT_EQ(Expanded("x", from).codes(), "E505 ");
}

TEST(Outside, SaysWhatIsMissing) {
  EXPECT_EQ(Expanded("${NONE}").codes(), "E501 ");
  const Expanded needed("${NONE:?the topic}");
  EXPECT_EQ(needed.codes(), "E502 ");
  EXPECT_EQ(needed.found.all()[0].text, "NONE: the topic");
  EXPECT_EQ(Expanded("${file:/other}").codes(), "E503 ");
  EXPECT_EQ(Expanded("${credential:other}").codes(), "E504 ");
  EXPECT_EQ(Expanded("${credential:../x}").codes(), "E504 ");
  EXPECT_EQ(Expanded("${param:q}").codes(), "E505 ");
  for (const char* text : {"${", "${}", "${1A}", "${A B}", "'${A'"}) {
    EXPECT_EQ(Expanded(text).codes(), "E506 ") << text;
  }
}

TEST(Outside, OfTheProcessReadsItsEnvironment) {
  setenv("WEIR_OUTSIDE_TEST", "here", 1);
  const Outside process = Outside::of_process();
  EXPECT_EQ(process.environment("WEIR_OUTSIDE_TEST"), "here");
  EXPECT_EQ(process.environment("WEIR_NO_SUCH_NAME"), std::nullopt);
  EXPECT_FALSE(process.file("/no/such/file"));
}

const std::string kJob =
    "job: a\nkafka: {brokers: b}\nstreams:\n  orders: {topic: t, watermark: 10s, fields: {x: "
    "int}}\n"
    "pipelines:\n  p:\n    from: orders\n    steps:\n      - dedupe: {by: x, within: 1h}\n"
    "    to: [out, {topic: two}]\nparams: {n: 1}\n";

struct Changed {
  Changed(std::string_view path, std::string value) : source("job.yaml", kJob), found(source) {
    tree = *read_yaml(found);
    status = set_scalar(tree, path, std::move(value));
  }
  Source source;
  Diagnostics found;
  Node tree;
  Status status;
};

TEST(Set, ReplacesAScalar) {
  const Changed c("streams.orders.topic", "abc");
  ASSERT_TRUE(c.status) << c.status.error().text;
  EXPECT_EQ(c.tree.find("streams")->find("orders")->find("topic")->text, "abc");
  EXPECT_TRUE(Changed("params.n", "2").status);
  EXPECT_TRUE(Changed("pipelines.p.steps.0.dedupe.within", "2h").status);
  EXPECT_TRUE(Changed("pipelines.p.to.1.topic", "three").status);
}

TEST(Set, AddsWhereTheLanguageHasAPlace) {
  const Changed c("kafka.guarantee", "at_least_once");
  ASSERT_TRUE(c.status);
  EXPECT_EQ(c.tree.find("kafka")->find("guarantee")->text, "at_least_once");
  EXPECT_TRUE(Changed("streams.orders.keyed_by", "x").status);
  EXPECT_TRUE(Changed("errors.dlq", "dead").status);
  EXPECT_TRUE(Changed("errors.late.topic", "late").status);
  EXPECT_TRUE(Changed("kafka.properties.ssl.ca.location", "/etc").status);
}

TEST(Set, TurnsAShortFormIntoTheLongOne) {
  const Changed c("streams.orders.watermark.idle", "never");
  ASSERT_TRUE(c.status);
  const Node* watermark = c.tree.find("streams")->find("orders")->find("watermark");
  EXPECT_EQ(watermark->find("delay")->text, "10s");
  EXPECT_EQ(watermark->find("idle")->text, "never");
}

TEST(Set, RefusesEveryOtherPath) {
  for (const char* path : {"",
                           "nothing",
                           "kafka",
                           "kafka.",
                           "kafka.brokrs",
                           "kafka.brokers.x",
                           "streams.other.topic",
                           "streams.orders",
                           "streams",
                           "streams.orders.fields.x",
                           "pipelines.p.steps",
                           "params.other",
                           "pipelines.p.steps.1.dedupe.within",
                           "pipelines.p.steps.x.dedupe.within",
                           "pipelines.p.steps.0",
                           "pipelines.p.to",
                           "streams.orders.fields",
                           ".",
                           "..",
                           "params"}) {
    const Changed c(path, "v");
    EXPECT_FALSE(c.status) << path;
    EXPECT_EQ(redacted_json(c.tree), redacted_json(Changed("nothing", "").tree)) << path;
  }
  EXPECT_NE(Changed("kafka.brokrs", "v").status.error().hint.find("'brokers'"), std::string::npos);
}

TEST(InlineSecrets, AreFoundByNameAndByAddress) {
  const auto codes = [](const std::string& text) {
    const Source source("job.yaml", text);
    Diagnostics found(source);
    const std::optional<Node> tree = read_yaml(found);
    find_inline_secrets(*tree, found);
    return found.all().size();
  };
  EXPECT_EQ(codes("sasl.password: x\n"), 1U);
  EXPECT_EQ(codes("uri: mongodb://u:p@host/\n"), 1U);
  EXPECT_EQ(codes("uri: mongodb://host/\n"), 0U);
  EXPECT_EQ(codes("uri: mongodb://u@host/\n"), 0U);
  EXPECT_EQ(codes("uri: postgres://h/d?password=x\n"), 1U);
  EXPECT_EQ(codes("topic: passwords\n"), 0U);
}

}  // namespace
}  // namespace weir::job
