#include "state/overlay.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "state/hash.h"
#include <weir/error.h>

namespace weir::state {
namespace {

constexpr std::size_t kFirstSlots = 64;

std::uint32_t short_hash(Bytes key) { return static_cast<std::uint32_t>(hash_bytes(key) >> 32); }

}  // namespace

Bytes Overlay::Entry::committed_bytes() const {
  const Place& place = places[committed_place];
  return {place.bytes, place.size};
}

Bytes Overlay::Entry::dirty_bytes() const {
  const Place& place = places[committed_place ^ 1];
  return {place.bytes, place.size};
}

Overlay::Found Overlay::Entry::newest() const {
  if (dirty == Layer::kValue) return {true, dirty_bytes()};
  if (dirty == Layer::kErased) return {true, std::nullopt};
  if (committed == Layer::kValue) return {true, committed_bytes()};
  return {committed == Layer::kErased, std::nullopt};
}

Overlay::Found Overlay::find(Bytes key) const {
  const Entry* entry = lookup(key, short_hash(key));
  return entry != nullptr ? entry->newest() : Found{};
}

const Overlay::Entry* Overlay::lookup(Bytes key, std::uint32_t hash) const {
  if (slots_.empty()) return nullptr;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = hash & mask; slots_[i] != 0; i = (i + 1) & mask) {
    if (static_cast<std::uint32_t>(slots_[i] >> 32) != hash) continue;
    const Entry& entry = entries_[static_cast<std::uint32_t>(slots_[i]) - 1];
    if (entry.key_bytes() == key) return &entry;
  }
  return nullptr;
}

Overlay::Entry& Overlay::entry_of(Bytes key) {
  const std::uint32_t hash = short_hash(key);
  if (const Entry* known = lookup(key, hash)) return const_cast<Entry&>(*known);
  check(key.size() <= std::numeric_limits<std::uint32_t>::max(), "a key is shorter than 4 GiB");
  if ((entries_.size() + 1) * 4 > slots_.size() * 3) {
    rehash(std::max(kFirstSlots, slots_.size() * 2));
  }
  Entry& entry = entries_.emplace_back();
  entry.key = arena_.copy(key).data();
  entry.key_size = static_cast<std::uint32_t>(key.size());
  entry.hash = hash;
  const std::size_t mask = slots_.size() - 1;
  std::size_t i = hash & mask;
  while (slots_[i] != 0) i = (i + 1) & mask;
  slots_[i] = std::uint64_t{hash} << 32 | entries_.size();
  return entry;
}

void Overlay::rehash(std::size_t slots) {
  slots_.assign(slots, 0);
  const std::size_t mask = slots - 1;
  for (std::size_t index = 0; index < entries_.size(); ++index) {
    const std::uint32_t hash = entries_[index].hash;
    std::size_t i = hash & mask;
    while (slots_[i] != 0) i = (i + 1) & mask;
    slots_[i] = std::uint64_t{hash} << 32 | (index + 1);
  }
}

// The entry of `key`, listed as dirty; what its former dirty value weighed is taken off.
Overlay::Entry& Overlay::dirty_entry_of(Bytes key) {
  Entry& entry = entry_of(key);
  if (entry.dirty == Layer::kNothing) {
    dirty_.push_back(static_cast<std::uint32_t>(&entry - entries_.data()));
    dirty_bytes_ += key.size();
  } else if (entry.dirty == Layer::kValue) {
    dirty_bytes_ -= entry.dirty_bytes().size();
  }
  return entry;
}

void Overlay::write(Place& place, Bytes value) {
  check(value.size() <= std::numeric_limits<std::uint32_t>::max(), "a value is below 4 GiB");
  const auto size = static_cast<std::uint32_t>(value.size());
  if (size > place.room || place.bytes == nullptr) {
    // A value that outgrows its place once will do so again: leave room, so that what is left
    // behind adds up to less than what is in use.
    const std::size_t room = place.bytes == nullptr ? size : std::size_t{size} + size / 2;
    place.room = static_cast<std::uint32_t>(
        std::min<std::size_t>(room, std::numeric_limits<std::uint32_t>::max()));
    place.bytes = arena_.take(place.room);
  }
  place.size = size;
  // The value may be a view of this very place.
  if (size > 0) std::memmove(place.bytes, value.data(), size);
}

void Overlay::put(Bytes key, Bytes value) {
  Entry& entry = dirty_entry_of(key);
  write(entry.places[entry.committed_place ^ 1], value);
  entry.dirty = Layer::kValue;
  dirty_bytes_ += value.size();
}

void Overlay::erase(Bytes key) { dirty_entry_of(key).dirty = Layer::kErased; }

void Overlay::restore(Bytes key, std::optional<Bytes> value) {
  check(dirty_.empty(), "a store is restored before it is changed");
  Entry& entry = entry_of(key);
  if (entry.committed == Layer::kNothing) ++committed_;
  entry.committed = value ? Layer::kValue : Layer::kErased;
  if (value) write(entry.places[entry.committed_place], *value);
}

void Overlay::commit() {
  for (const std::uint32_t index : dirty_) {
    Entry& entry = entries_[index];
    if (entry.committed == Layer::kNothing) ++committed_;
    entry.committed_place ^= 1;
    entry.committed = std::exchange(entry.dirty, Layer::kNothing);
  }
  dirty_.clear();
  dirty_bytes_ = 0;
}

void Overlay::abort() {
  for (const std::uint32_t index : dirty_) entries_[index].dirty = Layer::kNothing;
  dirty_.clear();
  dirty_bytes_ = 0;
}

void Overlay::each_dirty(VisitDirty visit) const {
  for (const std::uint32_t index : dirty_) {
    const Entry& entry = entries_[index];
    visit(entry.key_bytes(), entry.newest().value);
  }
}

void Overlay::settle() {
  for (; ordered_ < entries_.size(); ++ordered_) {
    order_.add(entries_[ordered_].key_bytes(), static_cast<std::uint32_t>(ordered_));
  }
  order_.settle();
}

void Overlay::committed_rows(std::vector<Row>& rows) {
  settle();
  rows.clear();
  rows.reserve(committed_);
  for (Order::Place place; const Order::Ref* ref = order_.at(place); place = order_.next(place)) {
    const Entry& entry = entries_[ref->entry];
    if (entry.committed == Layer::kNothing) continue;
    Row& row = rows.emplace_back(Row{entry.key_bytes(), std::nullopt});
    if (entry.committed == Layer::kValue) row.value = entry.committed_bytes();
  }
}

void Overlay::forget_committed() {
  if (dirty_.empty()) return clear();
  // What is dirty must survive, and nothing else: move it over.
  Overlay kept;
  each_dirty([&](Bytes key, std::optional<Bytes> value) {
    value ? kept.put(key, *value) : kept.erase(key);
  });
  *this = std::move(kept);
}

void Overlay::clear() {
  arena_.clear();
  entries_.clear();
  std::fill(slots_.begin(), slots_.end(), 0);
  dirty_.clear();
  order_.clear();
  ordered_ = 0;
  committed_ = 0;
  dirty_bytes_ = 0;
}

std::size_t Overlay::bytes() const {
  return arena_.bytes() + entries_.size() * (sizeof(Entry) + 2 * sizeof(std::uint64_t)) +
         order_.bytes();
}

Overlay::Walk Overlay::walk(Bytes from) {
  settle();
  return {*this, order_.find(from)};
}

Overlay::Walk::Walk(const Overlay& overlay, Order::Place place)
    : overlay_(&overlay), place_(place), ref_(overlay.order_.at(place)) {
  skip_unknown();
}

void Overlay::Walk::next() {
  place_ = overlay_->order_.next(place_);
  ref_ = overlay_->order_.at(place_);
  skip_unknown();
}

// An abort leaves entries behind that say nothing.
void Overlay::Walk::skip_unknown() {
  while (ref_ != nullptr && !overlay_->entries_[ref_->entry].newest().known) {
    place_ = overlay_->order_.next(place_);
    ref_ = overlay_->order_.at(place_);
  }
}

}  // namespace weir::state
