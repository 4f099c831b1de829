#include "run/tap_sink.h"

namespace weir::run {

class Tap::Writer final : public Sink {
 public:
  explicit Writer(Tap& tap) : tap_(tap) {}

  SinkAnswer write(std::span<const SinkRecord> batch) override {
    const std::lock_guard lock(tap_.mutex_);
    for (const SinkRecord& record : batch) {
      tap_.last_.emplace_back(record.value.value_or("null"));
      if (tap_.last_.size() > tap_.kept_) tap_.last_.pop_front();
      ++tap_.count_;
    }
    return {};
  }
  SinkAnswer flush() override { return {}; }
  void close() override {}

 private:
  Tap& tap_;
};

OpenSink Tap::sink() {
  return [this](int) -> Result<std::unique_ptr<Sink>> {
    return std::unique_ptr<Sink>(std::make_unique<Writer>(*this));
  };
}

std::deque<std::string> Tap::last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

std::uint64_t Tap::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

}  // namespace weir::run
