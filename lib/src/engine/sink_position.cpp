#include "engine/sink_position.h"

#include <charconv>

namespace weir::engine {

void append_sink_position(std::string& state, const SinkPosition& position) {
  if (position.number == 0) return;
  state += " #";
  for (const std::int64_t number : {position.since, position.number, position.owner}) {
    state += std::to_string(number) + " ";
  }
  state += std::to_string(position.start);
}

SinkPosition take_sink_position(std::string& state) {
  const std::size_t mark = state.rfind(" #");
  if (mark == std::string::npos) return {};
  SinkPosition position;
  const char* at = state.data() + mark + 1;  // Each number stands behind one character.
  const char* const end = state.data() + state.size();
  for (std::int64_t* const number :
       {&position.since, &position.number, &position.owner, &position.start}) {
    const bool expected = at != end && (*at == ' ' || number == &position.since);
    if (!expected) return {};
    const auto [next, error] = std::from_chars(at + 1, end, *number);
    if (error != std::errc()) return {};
    at = next;
  }
  if (at != end || position.number <= 0) return {};
  state.resize(mark);
  return position;
}

}  // namespace weir::engine
