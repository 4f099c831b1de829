// What is due when: keys by time, the earliest first, equal times in the order of the keys' bytes.
// In memory only. Who owns the state enters it again after a restart.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include <weir/detail/key_pool.h>
#include <weir/time.h>

namespace weir::detail {

class Agenda {
 public:
  struct Item {
    Timestamp time = 0;
    std::string_view key;
  };

  // Items of one span of this width share memory and give it back together.
  explicit Agenda(Duration span);
  ~Agenda();

  // Copies the key. The same item may be entered twice: it is taken once.
  void enter(Timestamp time, std::string_view key);
  // Time of the earliest item; kEndOfTime when there is none.
  Timestamp next() const { return next_; }
  // Takes the earliest item. Its key is valid until the next take or clear, whatever is entered.
  // REQUIRES: there is one.
  Item take();
  void clear();
  std::size_t bytes() const;
  // How many items there are; one that was entered twice may count twice.
  std::size_t size() const;

 private:
  struct Span;
  Span& span_at(Timestamp time);
  void retire();

  const std::int64_t span_ms_;
  Timestamp next_ = kEndOfTime;
  std::map<Timestamp, std::unique_ptr<Span>> spans_;
  std::vector<std::unique_ptr<Span>> spare_;
  Span* last_ = nullptr;           // Of the last call: most items go to one span.
  std::unique_ptr<Span> retired_;  // Emptied by the last take: its key is still being read.
};

}  // namespace weir::detail
