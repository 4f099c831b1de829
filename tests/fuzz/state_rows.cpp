// Rows of stores: damaged entries are refused, sound ones change as a map would; row keys are never
// too long for LMDB, never shared by two keys, and in the order of the keys.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>

#include "state/layout.h"

namespace {

using weir::Bytes;
using Entries = std::map<std::string, std::string>;

void require(bool ok) {
  if (!ok) std::abort();
}

bool read_all(Bytes bytes, Entries& entries) {
  while (!bytes.empty()) {
    Bytes rest;
    Bytes value;
    if (!weir::state::read_entry(bytes, rest, value)) return false;
    require(!rest.empty());
    entries.emplace(rest, value);
  }
  return true;
}

// Entries as weir writes them change as a map does. Others are read without harm, that is all.
void change(Bytes bytes, Bytes rest, std::optional<Bytes> value) {
  Entries expected;
  std::string out;
  const bool sound = read_all(bytes, expected);
  require(weir::state::change_entries(bytes, rest, value, out) == sound);
  if (!sound) return;
  std::string sorted;
  std::string next;
  for (const auto& [key, held] : expected) {
    require(weir::state::change_entries(sorted, key, held, next));
    sorted.swap(next);
  }
  if (value) {
    expected[std::string(rest)] = *value;
  } else {
    expected.erase(std::string(rest));
  }
  require(weir::state::change_entries(sorted, rest, value, out));
  Entries found;
  require(read_all(out, found) && found == expected);
}

void rows(Bytes a, Bytes b) {
  std::string of_a;
  std::string of_b;
  const Bytes row_a = weir::state::row_key(a, of_a);
  const Bytes row_b = weir::state::row_key(b, of_b);
  for (const auto& [key, row] : {std::pair{a, row_a}, std::pair{b, row_b}}) {
    require(!row.empty() && row.size() <= 511);
    require(weir::state::is_long_row(row) == weir::state::is_long(key));
    if (!weir::state::is_long(key)) require(weir::state::plain_key(row) == key);
  }
  const bool share_prefix = weir::state::is_long(a) && weir::state::is_long(b) &&
                            weir::state::long_prefix(a) == weir::state::long_prefix(b);
  if (!share_prefix) require((a < b) == (row_a < row_b) && (a == b) == (row_a == row_b));
}

void position(Bytes bytes) {
  weir::state::Position read;
  Bytes rest = bytes;
  if (!weir::state::read_position(rest, read)) return require(rest == bytes);
  std::string again;
  weir::state::append_position(again, read);
  require(again == bytes.substr(0, bytes.size() - rest.size()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const Bytes all(reinterpret_cast<const char*>(bytes), size);
  position(all);
  if (all.empty()) return 0;
  // The first byte says how much longer than LMDB's limit the keys are made, and where they part.
  const auto first = static_cast<unsigned char>(all.front());
  const Bytes tail = all.substr(1);
  const Bytes one = tail.substr(0, tail.size() / 2);
  const Bytes other = tail.substr(tail.size() / 2);
  const std::string common(first < 128 ? 0 : 480 + first % 32U, first % 2 == 0 ? '\0' : 'k');
  rows(common + std::string(one), common + std::string(other));
  const Bytes rest = one.empty() ? Bytes("r") : one;
  change(other, rest, tail);
  change(other, rest, std::nullopt);
  return 0;
}
