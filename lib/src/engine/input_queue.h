// Records of one input that wait for the other inputs of their task, oldest first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <weir/record.h>

namespace weir::engine {

// A ring that keeps the memory of its places: no allocation once it has grown to its use.
class InputQueue {
 public:
  // Takes a copy.
  void push(const InputRecord& record);
  // Keeps the views. REQUIRES: what they show stays until the record is popped or all are cleared.
  void push_view(const InputRecord& record);
  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }
  std::size_t bytes() const { return bytes_; }
  // Views of the oldest record: valid until the next push or pop. REQUIRES: not empty.
  const InputRecord& front();
  void pop();
  void clear();

 private:
  struct Part {
    std::size_t size = 0;
    bool present = false;
  };
  struct Place {
    std::string bytes;  // Key, value, then names and values of the headers.
    Part key;
    Part value;
    std::vector<Part> headers;  // Name, value, name, value ...
    bool is_view = false;
    InputRecord record;  // Without its views, unless it is nothing else.
  };
  Place& next_place();
  static std::size_t size_of(const Place& place);
  void grow();

  std::vector<Place> ring_;
  std::size_t head_ = 0;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
  InputRecord front_;
  std::vector<Header> front_headers_;
  bool shown_ = false;  // front_ shows the oldest record.
};

}  // namespace weir::engine
