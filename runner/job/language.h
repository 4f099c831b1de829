// The words of the job language, as tables: what each map may hold, what stands there, and what it
// means. The reader checks files by them, `--set` finds its paths in them, and the JSON Schema for
// editors is printed from them, so that none of the three can drift.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace weir::job {

// What may stand behind a key. A key with a `map` as well takes that map instead of the scalar.
enum class Want : std::uint8_t {
  none,  // Only the map.
  text,
  name,       // A word that expressions can use: letters, digits, _
  dash_name,  // A word that topics can carry: a-z, 0-9, -
  version,    // 1
  integer,    // From 1.
  count,      // From 0.
  boolean,
  duration,  // 15m
  size,      // 10GiB
  percent,   // 5%
  range,     // 100ms..10s
  rate,      // 10/s
  word,      // One of `words`.
  expression,
  expressions,  // One, or a list of them.
  names,        // A list of names.
  sources,      // The name of a stream or pipeline, or a list of them.
  fields,       // Names with types, or the word `any`.
  expressions_by_name,
  aggregates_by_name,
  constants_by_name,  // Names with scalars.
  maps_by_name,       // Names, each with `map`.
  maps,               // A list of `map`.
  steps,              // A list of maps with exactly one key of `map` each.
  sinks,              // A topic's name, `map`, or a list of both.
};

struct MapSpec;

struct KeySpec {
  std::string_view name;
  Want want;
  std::string_view doc;
  const MapSpec* map = nullptr;
  std::span<const std::string_view> words{};  // Of `word`, or allowed beside a duration.
  bool required = false;
  bool secret = false;
  std::string_view initial{};  // What counts when the key is absent.
};

struct MapSpec {
  std::string_view name;  // "step 'join'": for messages.
  std::span<const KeySpec> keys;

  const KeySpec* find(std::string_view key) const;
};

const MapSpec& job_language();   // The top of a file.
const MapSpec& step_language();  // One key for each kind of step.
const MapSpec& sink_language();

}  // namespace weir::job
