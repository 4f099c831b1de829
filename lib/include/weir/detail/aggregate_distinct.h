// Exact sets of values, for exact distinct counts.
//
// Written form, version 1 (varint, zigzag and bytes as in bytes.h):
//   distinct ints    = varint(n) [zigzag(smallest) varint(member - previous)*]   ascending
//   distinct strings = varint(n) bytes*                        in the order of their first arrival
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <weir/bytes.h>

namespace weir {

// A set of integers: ids, times, units of decimals, bits of doubles. Flat: 8 bytes a slot.
//
// News are the members that came since the last `told()`, all of them before the first. A store
// row or a partial carries only them, and the other side merges them: so a set of a million costs
// its growth at each commit, not its size.
class DistinctInts {
 public:
  bool add(std::int64_t member) {  // True when it is new.
    if (!insert(static_cast<std::uint64_t>(member))) return false;
    if (!all_is_news_) news_.push_back(member);
    return true;
  }
  bool contains(std::int64_t member) const;
  void merge(const DistinctInts& other);
  void clear();  // Keeps the memory.

  std::int64_t value() const { return static_cast<std::int64_t>(size_); }
  std::size_t memory() const;
  template <class Visit>
  void for_each(Visit visit) const {
    if (has_zero_) visit(std::int64_t{0});
    for (std::uint64_t member : slots_) {
      if (member != 0) visit(static_cast<std::int64_t>(member));
    }
  }

  // `read` leaves the set empty when it returns false; `merge_news` leaves it as it was.
  void write(std::string& out) const;
  bool read(Bytes& in);
  bool has_news() const { return all_is_news_ ? size_ > 0 : !news_.empty(); }
  void write_news(std::string& out) const;
  bool merge_news(Bytes& in);
  void told();

  bool operator==(const DistinctInts& other) const;  // The same members.

 private:
  bool insert(std::uint64_t member);
  std::size_t slot_of(std::uint64_t member) const;
  void grow();

  std::vector<std::uint64_t> slots_;  // Open addressing, 0 is free.
  std::size_t size_ = 0;
  bool has_zero_ = false;
  bool all_is_news_ = true;
  std::vector<std::int64_t> news_;
};

// A set of strings: all bytes in one piece of memory, behind a table of 8-byte slots. Up to 1 TiB.
class DistinctStrings {
 public:
  bool add(std::string_view member);  // True when it is new.
  bool contains(std::string_view member) const;
  void merge(const DistinctStrings& other);
  void clear();  // Keeps the memory.

  std::int64_t value() const { return static_cast<std::int64_t>(size_); }
  std::size_t memory() const;
  // In the order of arrival; the views are valid until the next change.
  template <class Visit>
  void for_each(Visit visit) const {
    Bytes rest = members_;
    for (Bytes member; read_bytes(rest, member);) visit(member);
  }

  // News as in DistinctInts.
  void write(std::string& out) const;
  bool read(Bytes& in);
  bool has_news() const { return told_size_ < size_; }
  void write_news(std::string& out) const;
  bool merge_news(Bytes& in);
  void told();

  bool operator==(const DistinctStrings& other) const;  // The same members.

 private:
  // The slot where the member is or would be.
  std::size_t slot_of(std::string_view member, std::uint64_t hash) const;
  bool is_at(std::uint64_t slot, std::string_view member) const;
  void grow();

  std::vector<std::uint64_t> slots_;  // Upper 24 bits of the hash, 40 bits of place + 1; 0 is free.
  std::string members_;               // bytes*, in order of arrival.
  std::size_t size_ = 0;
  std::size_t told_bytes_ = 0;  // What lies behind these is news.
  std::size_t told_size_ = 0;
};

}  // namespace weir
