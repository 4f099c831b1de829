#include "test/test_language.h"

#include <array>

#include "job/diagnostic_print.h"

namespace weir::test {

namespace {

using Words = std::string_view;

constexpr std::array<Words, 3> kMatches{"exact", "contains", "unordered"};
constexpr std::array<Words, 3> kCrashes{"before_commit", "after_commit", "during_restore"};

constexpr auto kSent = std::to_array<TestKey>({
    {"at", Takes::duration, "When: this long after the epoch."},
    {"key", Takes::text, "The record's key; absent: null."},
    {"partition", Takes::integer, "From 0."},
    {"times", Takes::integer, "How often it is sent."},
    {"value", Takes::anything, "Fields of the record."},
    {"raw", Takes::text, "Bytes of the record, in place of 'value'."},
});
constexpr TestMap kSentMap{"a record", kSent};

constexpr auto kEnvelope = std::to_array<TestKey>({
    {"at", Takes::duration, "Its time, this long after the epoch."},
    {"key", Takes::text, "Its key."},
    {"value", Takes::anything, "Its fields."},
    {"raw", Takes::text, "Its bytes, compared one by one."},
});
constexpr TestMap kEnvelopeMap{"an expected record", kEnvelope};

constexpr auto kStep = std::to_array<TestKey>({
    {"send", Takes::text, "The stream that gets 'records'."},
    {"expect", Takes::text, "Where 'records' have come out: a topic, sink, pipeline, or dlq."},
    {"records", Takes::anything, "What is sent or expected."},
    {"match", Takes::word, "How 'records' are compared.", false, kMatches},
    {"advance", Takes::duration, "The wall clock moves; silent partitions become idle."},
    {"crash", Takes::word, "The process is killed and starts again from its changelogs.", false,
     kCrashes},
    {"rebalance", Takes::integer, "So many processes share the partitions from now on."},
    {"drain", Takes::truth, "The end of input is the end of time."},
    {"discarded", Takes::scalars, "How many records were discarded so far, by reason."},
});
constexpr TestMap kStepMap{"a step", kStep};

constexpr auto kCase = std::to_array<TestKey>({
    {"name", Takes::text, "What the job does here.", true},
    {"partitions", Takes::integer, "Of every source topic."},
    {"steps", Takes::list, "One after the other.", true, {}, &kStepMap},
});
constexpr TestMap kCaseMap{"a case", kCase};

constexpr auto kFile = std::to_array<TestKey>({
    {"weir", Takes::version, "The version of the language: 1.", true},
    {"test", Takes::text, "The job file, from the folder of this file.", true},
    {"epoch", Takes::text, "The time that times count from, also the wall clock's first."},
    {"partitions", Takes::integer, "Of every source topic."},
    {"instances", Takes::integer, "Processes that share the partitions."},
    {"env", Takes::scalars, "Environment of the job."},
    {"params", Takes::scalars, "As --param."},
    {"set", Takes::scalars, "As --set."},
    {"cases", Takes::list, "Each begins with a job that never ran.", true, {}, &kCaseMap},
});
constexpr TestMap kFileMap{"a test file", kFile};

std::string object(const TestMap& map);

std::string shape(const TestKey& key) {
  switch (key.takes) {
    case Takes::version:
      return "\"const\": 1";
    case Takes::integer:
      return "\"type\": \"integer\", \"minimum\": 0";
    case Takes::truth:
      return "\"const\": true";
    case Takes::duration:
      return "\"type\": \"string\", \"pattern\": \"^-?[0-9]+(ms|s|m|h|d)$\"";
    case Takes::word: {
      std::string words;
      for (const Words word : key.words) {
        words += (words.empty() ? "" : ", ") + job::json_quoted(word);
      }
      return "\"enum\": [" + words + "]";
    }
    case Takes::scalars:
      return "\"type\": \"object\", \"additionalProperties\": {\"type\": [\"string\", "
             "\"number\", \"boolean\"]}";
    case Takes::list:
      return "\"type\": \"array\", \"minItems\": 1, \"items\": {" + object(*key.map) + "}";
    case Takes::anything:
      return "\"type\": [\"object\", \"array\"]";
    case Takes::text:
      break;
  }
  return "\"type\": [\"string\", \"number\"]";
}

std::string object(const TestMap& map) {
  std::string required;
  std::string properties;
  for (const TestKey& key : map.keys) {
    if (key.required) required += (required.empty() ? "" : ", ") + job::json_quoted(key.name);
    properties += (properties.empty() ? "" : ", ") + job::json_quoted(key.name) + ": {" +
                  shape(key) + ", \"description\": " + job::json_quoted(key.doc) + "}";
  }
  std::string all = "\"type\": \"object\", \"additionalProperties\": false";
  if (!required.empty()) all += ", \"required\": [" + required + "]";
  return all + ", \"properties\": {" + properties + "}";
}

}  // namespace

const TestKey* TestMap::find(std::string_view key) const {
  for (const TestKey& known : keys) {
    if (known.name == key) return &known;
  }
  return nullptr;
}

const TestMap& file_language() { return kFileMap; }
const TestMap& sent_language() { return kSentMap; }
const TestMap& envelope_language() { return kEnvelopeMap; }

std::string test_schema() {
  return "{\n  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n"
         "  \"title\": \"weir test\",\n  " +
         object(kFileMap) + "\n}\n";
}

}  // namespace weir::test
