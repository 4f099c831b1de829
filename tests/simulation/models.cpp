#include "simulation/models.h"

#include <algorithm>
#include <cstdlib>
#include <tuple>

namespace weir::simulation {

namespace {

// The items of each partition by themselves.
std::map<int, Items> by_partition(const Items& items) {
  std::map<int, Items> parts;
  for (const Item& item : items) parts[item.partition].push_back(item);
  return parts;
}

void sort_by_time_and_key(Items& items) {
  std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    return std::tie(a.time, a.key) < std::tie(b.time, b.key);
  });
}

}  // namespace

bool is_edge(const Item& item) {
  return item.key.find(kEdge) != std::string::npos || item.time >= kEndTime / 2;
}

std::int64_t fold(Fold how, std::int64_t so_far, std::int64_t value) {
  switch (how) {
    case Fold::sum:
      return so_far + value;
    case Fold::greatest:
      return std::max(so_far, value);
    case Fold::in_order:
      return (so_far * 31 + value) % 1'000'000'007;
  }
  return 0;
}

// ---- Windows -----------------------------------------------------------------------------------

// A record is in every window that holds its time, but for those whose end plus grace its own
// partition had reached before it.
Items WindowModel::operator()(const Items& items, Discards& discards, Items* late) const {
  const std::int64_t size = windows.size.count();
  const std::int64_t every = windows.every.count() > 0 ? windows.every.count() : size;
  std::map<std::tuple<Timestamp, std::string>, Item> results;
  for (const Item& item : items) {
    bool counted = false;
    const Timestamp least = std::max<Timestamp>(0, item.time - size);
    for (Timestamp start = least - least % every; start <= item.time; start += every) {
      const Timestamp end = start + size;
      if (item.time >= end || end + windows.grace.count() <= item.observed) continue;
      counted = true;
      const std::string key = all ? "all" : item.key;
      const auto [found, fresh] = results.try_emplace({end, key}, item);
      Item& result = found->second;
      result.key = bare ? key : key + "@" + std::to_string(start);
      result.time = std::max(result.time, item.time);
      if (!fresh || how == Fold::in_order) {
        result.value = fold(how, fresh ? 0 : result.value, item.value);
      }
      result.observed = kNoTime;  // It is never late for what comes next.
    }
    if (counted) continue;
    ++discards["late"];
    if (late != nullptr) late->push_back(item);
  }
  Items out;
  for (auto& [end_and_key, result] : results) {
    if (result.time < kEndTime / 2) out.push_back(std::move(result));
  }
  return out;
}

Items window_updates(const Items& items, const Windows& windows, Discards& discards) {
  std::map<std::tuple<int, std::string, Timestamp>, Item> sums;
  Items out;
  for (const Item& item : items) {
    const Timestamp start = item.time - item.time % windows.size.count();
    if (start + windows.size.count() + windows.grace.count() <= item.observed) {
      ++discards["late"];
      continue;
    }
    const auto [found, fresh] = sums.try_emplace({item.partition, item.key, start}, item);
    Item& sum = found->second;
    if (!fresh) {
      sum.value += item.value;
      sum.time = std::max(sum.time, item.time);
    }
    out.push_back(sum);
    out.back().key += "@" + std::to_string(start);
  }
  return out;
}

namespace {

struct Span {
  Item item;  // Its key and sum.
  Timestamp start = 0;
  Timestamp end = 0;
};

// A record takes every open session at most a gap away; when there is none it begins one, unless
// that would be closed.
void add_to_sessions(std::vector<Span>& spans, const Item& item, const Session& windows,
                     Discards& discards) {
  const std::int64_t gap = windows.gap.count();
  const std::int64_t wait = gap + windows.grace.count();
  const auto closed = [&](Timestamp end) {
    return item.observed != kNoTime && end + wait < std::max(item.observed, item.time);
  };
  Span fresh{item, item.time, item.time};
  bool touches = false;
  for (std::size_t at = 0; at < spans.size();) {
    const Span& span = spans[at];
    const bool near =
        span.item.key == item.key && span.end >= item.time - gap && span.start <= item.time + gap;
    if (!near || closed(span.end)) {
      ++at;
      continue;
    }
    touches = true;
    fresh.start = std::min(fresh.start, span.start);
    fresh.end = std::max(fresh.end, span.end);
    fresh.item.value += span.item.value;
    spans.erase(spans.begin() + static_cast<std::ptrdiff_t>(at));
  }
  if (!touches && closed(item.time)) {
    ++discards["late"];
  } else {
    spans.push_back(std::move(fresh));
  }
}

}  // namespace

Items session_sums(const Items& items, const Session& windows, bool in_order, Discards& discards) {
  std::vector<Span> spans;
  if (in_order) {
    for (const auto& [partition, part] : by_partition(items)) {
      std::vector<Span> of_task;
      for (const Item& item : part) add_to_sessions(of_task, item, windows, discards);
      spans.insert(spans.end(), of_task.begin(), of_task.end());
    }
  } else {
    Items sorted = items;
    sort_by_time_and_key(sorted);
    for (Item& item : sorted) {
      item.observed = kNoTime;
      add_to_sessions(spans, item, windows, discards);
    }
  }
  Items out;
  for (Span& span : spans) {
    if (span.end >= kEndTime / 2) continue;
    span.item.time = span.end;
    span.item.observed = kNoTime;
    span.item.key += "@" + std::to_string(span.start);
    out.push_back(std::move(span.item));
  }
  sort_by_time_and_key(out);
  return out;
}

namespace {

// Ends of the windows that are there because of one record that counts from `open` on.
std::vector<Timestamp> ends_of(const Item& item, Timestamp open, std::int64_t size) {
  std::vector<Timestamp> ends{item.time + 1 + size};
  const Timestamp own = std::max(item.time, size);
  if (own >= open) ends.push_back(own);
  return ends;
}

}  // namespace

Items per_event_sums(const Items& items, const PerEvent& windows, Discards& discards) {
  const std::int64_t size = windows.size.count();
  struct Kept {
    Item item;
    Timestamp open;
  };
  std::map<std::string, std::vector<Kept>> keys;
  for (const Item& item : items) {
    std::vector<Kept>& kept = keys[item.key];
    const Timestamp open = item.observed == kNoTime ? 0 : item.observed - windows.grace.count();
    bool counts = std::max(item.time, size) >= open;
    for (const Kept& other : kept) {
      for (const Timestamp end : ends_of(other.item, other.open, size)) {
        counts = counts || (end >= open && end - size <= item.time && item.time <= end);
      }
    }
    if (counts) {
      kept.push_back({item, open});
    } else {
      ++discards["late"];
    }
  }
  std::map<std::pair<Timestamp, std::string>, Item> results;
  for (const auto& [key, kept] : keys) {
    for (const Kept& maker : kept) {
      for (const Timestamp end : ends_of(maker.item, maker.open, size)) {
        if (results.contains({end, key})) continue;
        Item sum{key + "@" + std::to_string(end - size), 0, kNoTime};
        for (const Kept& other : kept) {
          const Timestamp time = other.item.time;
          if (time < end - size || time > end || end < other.open) continue;
          sum.value += other.item.value;
          sum.time = std::max(sum.time, time);
        }
        if (sum.time != kNoTime && sum.time < kEndTime / 2) results[{end, key}] = sum;
      }
    }
  }
  Items out;
  for (const auto& [end_and_key, result] : results) out.push_back(result);
  return out;
}

// ---- Joins -------------------------------------------------------------------------------------

std::int64_t join_value(const std::int64_t* left, const std::int64_t* right) {
  return (left != nullptr ? *left + 1 : 0) * 100'003 + (right != nullptr ? *right + 1 : 0);
}

Items joined(const Items& lefts, const Items& rights, const JoinOptions& options, bool anti,
             Discards& discards) {
  const std::int64_t before = options.looks_back().count();
  const std::int64_t after = options.looks_ahead().count();
  const std::int64_t grace = options.grace.count();
  // Time is past what a record waits for.
  const auto is_out = [&](const Item& item, std::int64_t ahead, Timestamp observed) {
    return item.time + ahead + grace < observed;
  };
  const auto in_time = [&](const Items& items, std::int64_t ahead) {
    Items kept;
    for (const Item& item : items) {
      if (is_out(item, ahead, item.observed)) {
        ++discards["late"];
      } else {
        kept.push_back(item);
      }
    }
    return kept;
  };
  const Items left = in_time(lefts, after), right = in_time(rights, before);
  std::vector<bool> left_found(left.size()), right_found(right.size());
  Items out;
  for (std::size_t l = 0; l < left.size(); ++l) {
    for (std::size_t r = 0; r < right.size(); ++r) {
      if (left[l].key != right[r].key || right[r].time < left[l].time - before ||
          right[r].time > left[l].time + after) {
        continue;
      }
      // A partner that came after the record had to come out was none for it.
      if (!is_out(left[l], after, right[r].observed)) left_found[l] = true;
      if (!is_out(right[r], before, left[l].observed)) right_found[r] = true;
      if (anti) continue;
      out.push_back({left[l].key, join_value(&left[l].value, &right[r].value),
                     std::max(left[l].time, right[r].time)});
    }
  }
  for (std::size_t l = 0; l < left.size(); ++l) {
    if (left_found[l] || (!anti && options.type == JoinType::inner)) continue;
    out.push_back(
        {left[l].key, anti ? left[l].value : join_value(&left[l].value, nullptr), left[l].time});
  }
  for (std::size_t r = 0; r < right.size(); ++r) {
    if (right_found[r] || anti || options.type != JoinType::outer) continue;
    out.push_back({right[r].key, join_value(nullptr, &right[r].value), right[r].time});
  }
  return out;
}

std::int64_t pair_value(std::int64_t left, std::int64_t right) { return left * 100'003 + right; }

std::int64_t lone_value(Unmatched reason, std::int64_t value) {
  return -(static_cast<std::int64_t>(reason) + 1) * 1'000'000 - value;
}

namespace {

// The rules of match_once as they are written for users, for the records of one task in order.
class Matching {
 public:
  Matching(const MatchOptions& options, Items& out, Discards& discards)
      : within_(options.within.count()),
        waits_(options.within.count() + options.delay.count()),
        remember_(options.remember.count()),
        out_(out),
        discards_(discards) {}

  void reach(Timestamp now) {
    now_ = now;
    Items due;
    for (const Item& item : waiting_) {
      if (item.time + waits_ < now_) due.push_back(item);
    }
    std::erase_if(waiting_, [&](const Item& item) { return item.time + waits_ < now_; });
    std::stable_sort(due.begin(), due.end(), [](const Item& a, const Item& b) {
      const bool a_left = is_left(a), b_left = is_left(b);
      return std::tie(a.time, a_left, a.key) < std::tie(b.time, b_left, b.key);
    });
    for (const Item& item : due) {
      lone(item, is_left(item) ? Unmatched::no_right : Unmatched::no_left);
    }
  }
  void end() {
    observed_ = kNoTime;
    reach(kEndOfTime);
  }
  void take(const Item& item) {
    observed_ = kNoTime;
    reach(std::max({now_, item.observed, item.time}));
    // A record that comes too late comes out late.
    if (item.observed != kNoTime) observed_ = item.observed - waits_;
    const bool left = is_left(item);
    const std::string id = left ? "" : std::to_string(item.value % 4);
    if (remembers(left ? lefts_ : rights_, item.key, id)) {
      ++discards_["duplicate"];
      return;
    }
    (left ? lefts_ : rights_).push_back({item.key, id, item.time});
    const auto partner = std::find_if(waiting_.begin(), waiting_.end(), [&](const Item& other) {
      return is_left(other) != left && other.key == item.key &&
             std::abs(other.time - item.time) <= within_;
    });
    if (partner != waiting_.end()) {
      pair(left ? item : *partner, left ? *partner : item, partner);
    } else if (!left && remembers(matched_, item.key, "")) {
      lone(item, Unmatched::second_right);
    } else if (item.time + waits_ < now_) {
      lone(item, left ? Unmatched::no_right : Unmatched::no_left);
    } else {
      waiting_.push_back(item);
    }
  }

 private:
  struct Memory {
    std::string key;
    std::string id;
    Timestamp time;
  };
  static bool is_left(const Item& item) { return item.value % 2 == 0; }

  bool remembers(const std::vector<Memory>& memories, const std::string& key,
                 const std::string& id) const {
    return std::any_of(memories.begin(), memories.end(), [&](const Memory& memory) {
      return memory.key == key && memory.id == id && now_ <= memory.time + remember_;
    });
  }
  void pair(const Item& l, const Item& r, Items::iterator partner) {
    const std::string key = l.key;
    out_.push_back({key, pair_value(l.value, r.value), std::max(l.time, r.time), observed_});
    matched_.push_back({key, "", l.time});
    waiting_.erase(partner);
    const auto is_second = [&](const Item& other) { return !is_left(other) && other.key == key; };
    for (const Item& other : waiting_) {
      if (is_second(other)) lone(other, Unmatched::second_right);
    }
    std::erase_if(waiting_, is_second);
  }
  void lone(const Item& item, Unmatched reason) {
    out_.push_back({item.key, lone_value(reason, item.value), item.time, observed_});
  }

  const std::int64_t within_, waits_, remember_;
  Items& out_;
  Discards& discards_;
  Timestamp now_ = kNoTime;
  Timestamp observed_ = kNoTime;  // Of what comes out now.
  Items waiting_;
  std::vector<Memory> lefts_, rights_, matched_;
};

}  // namespace

Items matched_in_order(const Items& items, const MatchOptions& options, Discards& discards) {
  Items out;
  for (const auto& [partition, part] : by_partition(items)) {
    Matching matching(options, out, discards);
    for (const Item& item : part) matching.take(item);
    matching.end();
  }
  return out;
}

Items matched_by_key(const Items& lefts, const Items& rights, const MatchOptions& options,
                     Discards& discards) {
  const auto firsts = [&](const Items& items) {
    std::map<std::string, Item> found;
    for (const Item& item : items) {
      if (!found.emplace(item.key, item).second) ++discards["duplicate"];
    }
    return found;
  };
  const auto left = firsts(lefts), right = firsts(rights);
  Items out;
  for (const auto& [key, l] : left) {
    const auto r = right.find(key);
    const bool pairs =
        r != right.end() && std::abs(r->second.time - l.time) <= options.within.count();
    if (pairs) {
      out.push_back({key, pair_value(l.value, r->second.value), std::max(l.time, r->second.time)});
    } else {
      out.push_back({key, lone_value(Unmatched::no_right, l.value), l.time});
      if (r == right.end()) continue;
      out.push_back({key, lone_value(Unmatched::no_left, r->second.value), r->second.time});
    }
  }
  for (const auto& [key, r] : right) {
    if (left.contains(key)) continue;
    out.push_back({key, lone_value(Unmatched::no_left, r.value), r.time});
  }
  return out;
}

Items first_of_ids(const Items& items, Duration within, Discards& discards) {
  Items out;
  for (const auto& [partition, part] : by_partition(items)) {
    std::map<std::string, Items> firsts;
    Timestamp now = kNoTime;
    for (const Item& item : part) {
      now = std::max({now, item.observed, item.time});
      Items& seen = firsts[item.key + "#" + std::to_string(item.value % 4)];
      const bool repeat = std::any_of(seen.begin(), seen.end(), [&](const Item& first) {
        return std::abs(first.time - item.time) <= within.count() &&
               now <= first.time + within.count();
      });
      if (repeat) {
        ++discards["duplicate"];
        continue;
      }
      seen.push_back(item);
      out.push_back(item);
    }
  }
  return out;
}

// ---- Processors --------------------------------------------------------------------------------

Items running_sums(const Items& items) {
  std::map<std::pair<int, std::string>, std::int64_t> sums;
  Items out;
  for (const Item& item : items) {
    out.push_back(item);
    out.back().value = sums[{item.partition, item.key}] += item.value;
  }
  return out;
}

Items running_numbers(const Items& items) {
  std::map<std::string, std::int64_t> numbers;
  Items out;
  for (const Item& item : items) out.push_back({item.key, ++numbers[item.key], 0});
  return out;
}

}  // namespace weir::simulation
