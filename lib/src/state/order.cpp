#include "state/order.h"

#include <algorithm>

#include <weir/error.h>

namespace weir::state {
namespace {

// Below this it is not worth asking how many entries are settled already.
constexpr std::size_t kInsertAlways = 16;

std::uint64_t prefix_of(Bytes key) {
  std::uint64_t prefix = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    prefix = prefix << 8 | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0U);
  }
  return prefix;
}

bool is_before(const Order::Ref& a, const Order::Ref& b) {
  if (a.prefix != b.prefix) return a.prefix < b.prefix;
  return Bytes(a.key, a.key_size) < Bytes(b.key, b.key_size);
}

}  // namespace

void Order::add(Bytes key, std::uint32_t entry) {
  added_.push_back({prefix_of(key), key.data(), static_cast<std::uint32_t>(key.size()), entry});
}

void Order::settle() {
  if (added_.empty()) return;
  if (added_.size() > kInsertAlways && added_.size() > settled_ / 16) {
    rebuild();
  } else {
    for (const Ref& ref : added_) insert(ref);
  }
  settled_ += added_.size();
  added_.clear();
}

void Order::clear() {
  for (auto& block : blocks_) spare_.push_back(std::move(block));
  blocks_.clear();
  added_.clear();
  settled_ = 0;
}

std::unique_ptr<Order::Block> Order::new_block() {
  if (spare_.empty()) return std::make_unique<Block>();
  auto block = std::move(spare_.back());
  spare_.pop_back();
  block->size = 0;
  return block;
}

void Order::insert(const Ref& ref) {
  if (blocks_.empty()) blocks_.push_back(new_block());
  auto after = std::upper_bound(blocks_.begin(), blocks_.end(), ref, [](const Ref& r, auto& block) {
    return block->size > 0 && is_before(r, block->refs[0]);
  });
  auto index = static_cast<std::size_t>(after - blocks_.begin());
  if (index > 0) --index;
  if (blocks_[index]->size == kBlockRefs) {
    split(index);
    if (!is_before(ref, blocks_[index + 1]->refs[0])) ++index;
  }
  Block& block = *blocks_[index];
  Ref* end = block.refs.data() + block.size;
  Ref* place = std::upper_bound(block.refs.data(), end, ref, is_before);
  std::move_backward(place, end, end + 1);
  *place = ref;
  ++block.size;
}

void Order::split(std::size_t block) {
  auto upper = new_block();
  Block& lower = *blocks_[block];
  // Keys that begin with a time mostly grow: leave the block they come from nearly full.
  const bool is_last = block + 1 == blocks_.size();
  const std::size_t kept = is_last ? kBlockRefs - 1 : kBlockRefs / 2;
  upper->size = lower.size - kept;
  std::copy_n(lower.refs.data() + kept, upper->size, upper->refs.data());
  lower.size = kept;
  blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(block) + 1, std::move(upper));
}

void Order::rebuild() {
  std::sort(added_.begin(), added_.end(), is_before);
  merged_.clear();
  merged_.reserve(settled_ + added_.size());
  auto next = added_.begin();
  for (const auto& block : blocks_) {
    for (std::size_t i = 0; i < block->size; ++i) {
      for (; next != added_.end() && is_before(*next, block->refs[i]); ++next) {
        merged_.push_back(*next);
      }
      merged_.push_back(block->refs[i]);
    }
  }
  merged_.insert(merged_.end(), next, added_.end());

  for (auto& block : blocks_) spare_.push_back(std::move(block));
  blocks_.clear();
  // Room in each block, or the next few insertions would split every one of them.
  constexpr std::size_t kFill = kBlockRefs - kBlockRefs / 8;
  for (std::size_t from = 0; from < merged_.size(); from += kFill) {
    auto block = new_block();
    block->size = std::min(kFill, merged_.size() - from);
    std::copy_n(merged_.data() + from, block->size, block->refs.data());
    blocks_.push_back(std::move(block));
  }
}

Order::Place Order::find(Bytes from) const {
  check(added_.empty(), "an order is settled before it is read");
  const Ref wanted{prefix_of(from), from.data(), static_cast<std::uint32_t>(from.size()), 0};
  auto after = std::upper_bound(
      blocks_.begin(), blocks_.end(), wanted,
      [](const Ref& ref, const auto& block) { return is_before(ref, block->refs[0]); });
  if (after == blocks_.begin()) return {};
  const auto index = static_cast<std::size_t>(after - blocks_.begin()) - 1;
  const Block& block = *blocks_[index];
  const Ref* end = block.refs.data() + block.size;
  const Ref* place = std::lower_bound(block.refs.data(), end, wanted, is_before);
  if (place == end) return {index + 1, 0};
  return {index, static_cast<std::size_t>(place - block.refs.data())};
}

const Order::Ref* Order::at(Place place) const {
  return place.block < blocks_.size() ? &blocks_[place.block]->refs[place.at] : nullptr;
}

Order::Place Order::next(Place place) const {
  if (place.at + 1 < blocks_[place.block]->size) return {place.block, place.at + 1};
  return {place.block + 1, 0};
}

}  // namespace weir::state
