// The words of test files as tables: the reader checks by them, and the JSON Schema for editors is
// printed from them.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace weir::test {

enum class Takes { text, integer, duration, word, truth, anything, scalars, list, version };

struct TestMap;

struct TestKey {
  std::string_view name;
  Takes takes;
  std::string_view doc;
  bool required = false;
  std::span<const std::string_view> words{};
  const TestMap* map = nullptr;  // Of each entry of a list.
};

struct TestMap {
  std::string_view name;  // "a test file": for messages.
  std::span<const TestKey> keys;

  const TestKey* find(std::string_view key) const;
};

const TestMap& file_language();
const TestMap& sent_language();      // An entry of a send's `records`.
const TestMap& envelope_language();  // An entry of an expectation's, in its long form.

// JSON Schema, draft 7, with a line end.
std::string test_schema();

}  // namespace weir::test
