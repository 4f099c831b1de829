// What the records of a changelog hold, as detail/layout.h tells it.
#pragma once

#include <optional>
#include <string>

#include <weir/bytes.h>
#include <weir/detail/layout.h>

namespace weir::engine {

inline constexpr char kChangelogVersion = static_cast<char>(detail::kLayoutVersion);

// The value of a record for a row. A view of `scratch`.
inline Bytes changelog_value(Bytes row, std::string& scratch) {
  scratch.assign(1, kChangelogVersion);
  scratch += row;
  return scratch;
}

// The row in the value of a record; nothing when it is of another version.
inline std::optional<Bytes> changelog_row(Bytes value) {
  if (value.empty() || value.front() != kChangelogVersion) return std::nullopt;
  return value.substr(1);
}

}  // namespace weir::engine
