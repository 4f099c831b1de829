#include "engine/marker.h"

#include <weir/bytes.h>
#include <weir/detail/ends.h>

namespace weir::engine {

namespace {

constexpr char kEmptyFlag = 1;
constexpr char kCaughtUpFlag = 2;
constexpr std::uint64_t kTasksMax = 1'000'000;  // More partitions than any topic has.

}  // namespace

void append_marker(std::string& out, const Marker& marker) {
  out.push_back(detail::kRepartitionMarker);
  append_varint(out, static_cast<std::uint64_t>(marker.upstream));
  append_varint(out, static_cast<std::uint64_t>(marker.tasks));
  append_time(out, marker.reached);
  out.push_back(
      static_cast<char>((marker.empty ? kEmptyFlag : 0) | (marker.caught_up ? kCaughtUpFlag : 0)));
}

bool read_marker(std::string_view value, Marker& marker) {
  if (!is_marker(value)) return false;
  value.remove_prefix(1);
  std::uint64_t upstream = 0, tasks = 0;
  Timestamp reached = 0;
  if (!read_varint(value, upstream) || !read_varint(value, tasks)) return false;
  if (!read_time(value, reached) || value.size() != 1) return false;
  if (tasks == 0 || tasks > kTasksMax || upstream >= tasks) return false;
  const char flags = value.front();
  if ((flags & ~(kEmptyFlag | kCaughtUpFlag)) != 0) return false;
  marker = {static_cast<int>(upstream), static_cast<int>(tasks), reached, (flags & kEmptyFlag) != 0,
            (flags & kCaughtUpFlag) != 0};
  return true;
}

bool is_marker(std::string_view value) {
  return !value.empty() && value.front() == detail::kRepartitionMarker;
}

}  // namespace weir::engine
