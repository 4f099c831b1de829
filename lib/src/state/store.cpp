#include "state/store.h"

#include <chrono>
#include <utility>

#include <weir/error.h>

namespace weir::state {

namespace {

// Times one operation of many: the first, and then every so many.
class Timing {
 public:
  Timing(std::uint32_t& operations, StepTimes& into) {
    if (operations++ % kEvery == 0) [[unlikely]]
      begin(into);
  }
  ~Timing() {
    if (into_ != nullptr) [[unlikely]]
      end();
  }
  Timing(const Timing&) = delete;
  Timing& operator=(const Timing&) = delete;

 private:
  static constexpr std::uint32_t kEvery = 64;

  void begin(StepTimes& into) {
    into_ = &into;
    begun_ = std::chrono::steady_clock::now();
  }
  void end() {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun_;
    into_->observe(took.count());
  }

  StepTimes* into_ = nullptr;
  std::chrono::steady_clock::time_point begun_;
};

}  // namespace

Store::Store(std::string name, Disk& disk)
    : name_(std::move(name)), disk_(disk), id_(disk.open_store(name_)) {
  if (auto bytes = disk.meta(std::string(kStorePrefix) + name_)) {
    check(read_position(*bytes, position_), "positions are read when the environment is opened");
  }
}

std::optional<Bytes> Store::get(Bytes key) {
  const Timing timing(gets_, times_.gets);
  const Overlay::Found found = overlay_.find(key);
  return found.known ? found.value : disk_.get(id_, key);
}

void Store::put(Bytes key, Bytes value) {
  check(scans_ == 0, "a store is not changed while it is scanned");
  const Timing timing(puts_, times_.puts);
  overlay_.put(key, value);
}

void Store::erase(Bytes key) {
  check(scans_ == 0, "a store is not changed while it is scanned");
  const Timing timing(puts_, times_.puts);
  overlay_.erase(key);
}

void Store::restore(Bytes key, std::optional<Bytes> value) {
  check(scans_ == 0, "a store is not changed while it is scanned");
  overlay_.restore(key, value);
}

void Store::scan(Bytes from, Bytes to, Visit visit) {
  const Timing timing(all_scans_, times_.scans);
  struct Running {
    int& scans;
    explicit Running(int& count) : scans(count) { ++scans; }
    ~Running() { --scans; }
  } running(scans_);

  Overlay::Walk newer = overlay_.walk(from);
  const auto in_range = [&] { return !newer.at_end() && (to.empty() || newer.key() < to); };
  const auto visit_newer = [&] {
    const std::optional<Bytes> value = newer.value();
    const bool go_on = !value || visit(newer.key(), *value);
    newer.next();
    return go_on;
  };
  bool go_on = true;
  disk_.scan(id_, from, to, [&](Bytes key, Bytes value) {
    bool hidden = false;
    while (go_on && !hidden && in_range() && newer.key() <= key) {
      hidden = newer.key() == key;
      go_on = visit_newer();
    }
    if (go_on && !hidden) go_on = visit(key, value);
    return go_on;
  });
  while (go_on && in_range()) go_on = visit_newer();
}

}  // namespace weir::state
