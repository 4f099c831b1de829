// What TimedTable asks of its entries.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

#include <weir/time.h>

namespace weir::detail {

// An entry writes itself, reads itself back and says how much memory it holds outside of itself.
template <class E>
concept TableEntry = std::movable<E> && std::default_initializable<E> &&
    requires(E& entry, const E& same, std::string& out, std::string_view& in) {
  same.write(out);
  { entry.read(in) } -> std::same_as<bool>;
  { same.memory() } -> std::convertible_to<std::size_t>;
};

// An entry whose bytes may grow large while little of it changes. `write_news` says what is new
// since `told`, or since the entry was made; `read_news` takes it up.
template <class E>
concept NewsEntry = TableEntry<E> &&
    requires(E& entry, const E& same, std::string& out, std::string_view& in) {
  { same.has_news_rows() } -> std::same_as<bool>;
  same.write_news(out);
  { entry.read_news(in) } -> std::same_as<bool>;
  entry.told();
};

// An entry whose memory can be used for another one: `clear` makes it as new.
template <class E>
concept ReusedEntry = requires(E& entry) {
  entry.clear();
};

// The start of the span of `width_ms` that holds `time`.
inline Timestamp floor_to(Timestamp time, std::int64_t width_ms) {
  if (time == kNoTime || time == kEndOfTime) return time;
  const std::int64_t rest = time % width_ms;
  return later(time, -(rest < 0 ? rest + width_ms : rest));
}

}  // namespace weir::detail
