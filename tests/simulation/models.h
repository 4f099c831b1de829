// What every operator with state promises, in the plainest form: functions over lists that keep
// everything and look through all of it. Written from the public headers, not from the engine.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <weir/join.h>
#include <weir/time.h>
#include <weir/windows.h>

namespace weir::simulation {

// A record on its way through a plan. Those of one source partition lie in their order.
struct Item {
  std::string key;
  std::int64_t value = 0;
  Timestamp time = 0;
  Timestamp observed = kNoTime;  // The largest time its source partition had before it.
  int partition = 0;
};
using Items = std::vector<Item>;

// How many records were discarded, by reason.
using Discards = std::map<std::string, std::uint64_t>;

// The last record of each partition lies so far ahead that it closes all that came before. What it
// leaves open itself nobody waits for.
inline constexpr Timestamp kEndTime = 1'000'000;
// Keys of the first and last records of partitions carry this sign, wherever they go.
inline constexpr char kEdge = '~';
bool is_edge(const Item& item);

enum class Fold { sum, greatest, in_order };
std::int64_t fold(Fold how, std::int64_t so_far, std::int64_t value);

// Results on close, by end and key, keyed "key@start" or, `bare`, by the key alone. `all`: the
// records of all keys together.
struct WindowModel {
  Windows windows;
  Fold how = Fold::sum;
  bool all = false;
  bool bare = false;
  Items operator()(const Items& items, Discards& discards, Items* late = nullptr) const;
};
// A tumbling window's sum at each record.
Items window_updates(const Items& items, const Windows& windows, Discards& discards);

// `in_order`: each partition is one task, so lateness decides; else nothing is late and the order
// of arrival does not matter.
Items session_sums(const Items& items, const Session& windows, bool in_order, Discards& discards);
Items per_event_sums(const Items& items, const PerEvent& windows, Discards& discards);

Items joined(const Items& left, const Items& right, const JoinOptions& options, bool anti,
             Discards& discards);
// What the joiner of the plans makes of a pair, or of a record without a partner.
std::int64_t join_value(const std::int64_t* left, const std::int64_t* right);

// Left records are those with an even value. Each partition is one task.
Items matched_in_order(const Items& items, const MatchOptions& options, Discards& discards);
// Each key has one left record, one right one, and copies of them; nothing comes too late.
Items matched_by_key(const Items& left, const Items& right, const MatchOptions& options,
                     Discards& discards);
std::int64_t pair_value(std::int64_t left, std::int64_t right);
std::int64_t lone_value(Unmatched reason, std::int64_t value);

// Ids are key and `value % 4`. Each partition is one task.
Items first_of_ids(const Items& items, Duration within, Discards& discards);

// The processor of the plans: the running number and sum of each key's records.
Items running_sums(const Items& items);
Items running_numbers(const Items& items);

}  // namespace weir::simulation
