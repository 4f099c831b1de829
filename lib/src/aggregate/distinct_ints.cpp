#include <algorithm>
#include <utility>

#include <weir/detail/aggregate_distinct.h>
#include <weir/detail/aggregate_hash.h>

namespace weir {
namespace {

constexpr std::size_t kIntSlotsMin = 8;

void append_members(std::string& out, std::vector<std::int64_t>& members) {
  std::sort(members.begin(), members.end());
  append_varint(out, members.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i == 0) {
      append_zigzag(out, members[0]);
    } else {
      append_varint(
          out, static_cast<std::uint64_t>(members[i]) - static_cast<std::uint64_t>(members[i - 1]));
    }
  }
}

template <class Use>
bool read_members(Bytes& in, Use use) {
  std::uint64_t left = 0;
  if (!read_varint(in, left) || left > in.size()) return false;
  if (left == 0) return true;
  std::int64_t member = 0;
  if (!read_zigzag(in, member)) return false;
  use(member);
  for (; left > 1; --left) {
    std::uint64_t step = 0;
    if (!read_varint(in, step) || step == 0) return false;
    const auto next = static_cast<std::int64_t>(static_cast<std::uint64_t>(member) + step);
    if (next <= member) return false;
    member = next;
    use(member);
  }
  return true;
}

}  // namespace

std::size_t DistinctInts::slot_of(std::uint64_t member) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = detail::hash_int(member) & mask;
  while (slots_[at] != 0 && slots_[at] != member) at = (at + 1) & mask;
  return at;
}

bool DistinctInts::insert(std::uint64_t member) {
  if (member == 0) {
    if (has_zero_) return false;
    has_zero_ = true;
    ++size_;
    return true;
  }
  if (slots_.empty()) slots_.resize(kIntSlotsMin);
  std::size_t at = slot_of(member);
  if (slots_[at] == member) return false;
  if ((size_ + 1) * 3 > slots_.size() * 2) {
    grow();
    at = slot_of(member);
  }
  slots_[at] = member;
  ++size_;
  return true;
}

void DistinctInts::grow() {
  const auto old = std::exchange(slots_, std::vector<std::uint64_t>(slots_.size() * 2));
  for (std::uint64_t member : old) {
    if (member != 0) slots_[slot_of(member)] = member;
  }
}

bool DistinctInts::contains(std::int64_t member) const {
  if (member == 0) return has_zero_;
  if (slots_.empty()) return false;
  return slots_[slot_of(static_cast<std::uint64_t>(member))] != 0;
}

void DistinctInts::merge(const DistinctInts& other) {
  if (&other == this) return;
  other.for_each([this](std::int64_t member) { add(member); });
}

void DistinctInts::clear() {
  std::fill(slots_.begin(), slots_.end(), 0);
  size_ = 0;
  has_zero_ = false;
  all_is_news_ = true;
  news_.clear();
}

std::size_t DistinctInts::memory() const {
  return (slots_.capacity() + news_.capacity()) * sizeof(std::uint64_t);
}

void DistinctInts::write(std::string& out) const {
  std::vector<std::int64_t> members;
  members.reserve(size_);
  for_each([&](std::int64_t member) { members.push_back(member); });
  append_members(out, members);
}

void DistinctInts::write_news(std::string& out) const {
  if (all_is_news_) return write(out);
  auto members = news_;
  append_members(out, members);
}

bool DistinctInts::read(Bytes& in) {
  clear();
  return merge_news(in);
}

bool DistinctInts::merge_news(Bytes& in) {
  Bytes dry = in;
  if (!read_members(dry, [](std::int64_t) {})) return false;
  return read_members(in, [this](std::int64_t member) { add(member); });
}

void DistinctInts::told() {
  all_is_news_ = false;
  news_.clear();
}

bool DistinctInts::operator==(const DistinctInts& other) const {
  if (size_ != other.size_) return false;
  bool same = true;
  for_each([&](std::int64_t member) { same = same && other.contains(member); });
  return same;
}

}  // namespace weir
