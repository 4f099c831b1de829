// The time a stage with state has reached, kept in its own store: a restart closes exactly what an
// uninterrupted run would have closed, on any instance, because the row reaches the changelog too.
// Its row is told in detail/layout.h.
#pragma once

#include <string>
#include <string_view>

#include <weir/bytes.h>
#include <weir/bytes_store.h>
#include <weir/detail/layout.h>
#include <weir/error.h>
#include <weir/time.h>

namespace weir::detail {

class StageTime {
 public:
  void open(BytesStore& store) {
    store_ = &store;
    reload();
  }
  Timestamp now() const { return now_; }
  // False when time has not advanced.
  bool advance(Timestamp time) {
    if (time <= now_) return false;
    now_ = time;
    return true;
  }
  void write_back() {
    if (now_ == stored_) return;
    std::string value;
    append_time(value, now_);
    store_->put(kKey, value);
    stored_ = now_;
  }
  void forget() { reload(); }

 private:
  static constexpr std::string_view kKey{"\0", 1};

  void reload() {
    now_ = kNoTime;
    if (std::optional<Bytes> row = store_->get(kKey)) {
      check_stored(read_time(*row, now_) && row->empty(), "the time of a store");
    }
    stored_ = now_;
  }
  BytesStore* store_ = nullptr;
  Timestamp now_ = kNoTime;
  Timestamp stored_ = kNoTime;
};

}  // namespace weir::detail
