// Results for this process itself: the demonstration shows them.
#pragma once

#include <deque>
#include <mutex>
#include <string>

#include <weir/sink.h>

namespace weir::run {

// The last results of a sink. Thread-safe.
class Tap {
 public:
  explicit Tap(std::size_t kept) : kept_(kept) {}

  OpenSink sink();
  std::deque<std::string> last() const;
  std::uint64_t count() const;

 private:
  class Writer;

  mutable std::mutex mutex_;
  std::size_t kept_;
  std::deque<std::string> last_;
  std::uint64_t count_ = 0;
};

}  // namespace weir::run
