// What waits for its time: a heap of keys by event time.
#pragma once

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include <weir/detail/row_bytes.h>
#include <weir/time.h>

namespace weir::detail {

// A record of one side of a join that has found no partner so far.
struct Waiting {
  Timestamp time = 0;
  bool left = false;
  RowBytes key;

  // The order in which they come out: by time, right before left, by key.
  bool before(const Waiting& other) const {
    if (time != other.time) return time < other.time;
    if (left != other.left) return other.left;
    return key.view() < other.key.view();
  }
};

class Waits {
 public:
  void push(Timestamp time, bool left, std::string_view key) {
    heap_.push_back({time, left, RowBytes(key)});
    std::push_heap(heap_.begin(), heap_.end(), after);
  }
  bool empty() const { return heap_.empty(); }
  // kEndOfTime when nothing waits.
  Timestamp first_time() const { return heap_.empty() ? kEndOfTime : heap_.front().time; }
  // REQUIRES: not empty.
  Waiting pop() {
    std::pop_heap(heap_.begin(), heap_.end(), after);
    Waiting first = std::move(heap_.back());
    heap_.pop_back();
    return first;
  }
  void clear() { heap_.clear(); }

 private:
  static bool after(const Waiting& a, const Waiting& b) { return b.before(a); }

  std::vector<Waiting> heap_;
};

}  // namespace weir::detail
