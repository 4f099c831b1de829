#include <algorithm>

#include <weir/detail/aggregate_distinct.h>
#include <weir/detail/aggregate_hash.h>
#include <weir/error.h>

namespace weir {
namespace {

constexpr std::size_t kStringSlotsMin = 8;
constexpr int kPlaceBits = 40;
constexpr std::uint64_t kPlaceMask = (std::uint64_t{1} << kPlaceBits) - 1;

bool skip_members(Bytes& in, std::uint64_t count) {
  Bytes member;
  for (; count > 0; --count) {
    if (!read_bytes(in, member)) return false;
  }
  return true;
}

}  // namespace

bool DistinctStrings::is_at(std::uint64_t slot, std::string_view member) const {
  Bytes rest = Bytes(members_).substr(static_cast<std::size_t>((slot & kPlaceMask) - 1));
  // Nearly all lengths are one byte: no need to read a number.
  if (static_cast<unsigned char>(rest[0]) < 0x80) {
    return static_cast<unsigned char>(rest[0]) == member.size() &&
           rest.substr(1, member.size()) == member;
  }
  Bytes found;
  return read_bytes(rest, found) && found == member;
}

std::size_t DistinctStrings::slot_of(std::string_view member, std::uint64_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  for (; slots_[at] != 0; at = (at + 1) & mask) {
    if (((slots_[at] ^ hash) & ~kPlaceMask) == 0 && is_at(slots_[at], member)) break;
  }
  return at;
}

bool DistinctStrings::add(std::string_view member) {
  if (slots_.empty()) slots_.resize(kStringSlotsMin);
  const std::uint64_t hash = detail::lasting_hash(member);
  std::size_t at = slot_of(member, hash);
  if (slots_[at] != 0) return false;
  if ((size_ + 1) * 3 > slots_.size() * 2) {
    grow();
    at = slot_of(member, hash);
  }
  check(members_.size() < kPlaceMask, "a set of strings holds at most 1 TiB");
  slots_[at] = (hash & ~kPlaceMask) | (members_.size() + 1);
  append_bytes(members_, member);
  ++size_;
  return true;
}

void DistinctStrings::grow() {
  slots_.assign(slots_.size() * 2, 0);
  const std::size_t mask = slots_.size() - 1;
  Bytes rest = members_;
  for (Bytes member; !rest.empty();) {
    const std::uint64_t place = members_.size() - rest.size() + 1;
    if (!read_bytes(rest, member)) break;
    const std::uint64_t hash = detail::lasting_hash(member);
    std::size_t at = hash & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = (hash & ~kPlaceMask) | place;
  }
}

bool DistinctStrings::contains(std::string_view member) const {
  return !slots_.empty() && slots_[slot_of(member, detail::lasting_hash(member))] != 0;
}

void DistinctStrings::merge(const DistinctStrings& other) {
  if (&other == this) return;
  other.for_each([this](Bytes member) { add(member); });
}

void DistinctStrings::clear() {
  std::fill(slots_.begin(), slots_.end(), 0);
  members_.clear();
  size_ = told_bytes_ = told_size_ = 0;
}

std::size_t DistinctStrings::memory() const {
  return slots_.capacity() * sizeof(std::uint64_t) + members_.capacity();
}

void DistinctStrings::write(std::string& out) const {
  append_varint(out, size_);
  out += members_;
}

void DistinctStrings::write_news(std::string& out) const {
  append_varint(out, size_ - told_size_);
  out += Bytes(members_).substr(told_bytes_);
}

bool DistinctStrings::read(Bytes& in) {
  clear();
  return merge_news(in);
}

bool DistinctStrings::merge_news(Bytes& in) {
  std::uint64_t left = 0;
  Bytes rest = in;
  if (!read_varint(rest, left)) return false;
  Bytes end = rest;
  if (!skip_members(end, left)) return false;
  for (Bytes member; left > 0 && read_bytes(rest, member); --left) add(member);
  in = end;
  return true;
}

void DistinctStrings::told() {
  told_bytes_ = members_.size();
  told_size_ = size_;
}

bool DistinctStrings::operator==(const DistinctStrings& other) const {
  if (size_ != other.size_) return false;
  bool same = true;
  for_each([&](Bytes member) { same = same && other.contains(member); });
  return same;
}

}  // namespace weir
