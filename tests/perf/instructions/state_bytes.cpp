// A window store's key: written and read back.
#include <string>

#include "perf/workload.h"
#include <weir/bytes.h>

namespace weir::perf {
namespace {

class StateBytes final : public Workload {
 public:
  void run() override {
    for (std::int64_t i = 0; i < 1000; ++i) {
      key_.clear();
      append_time(key_, 1'700'000'000'000 + i * 5'000);
      append_bytes(key_, "customer-0000042");
      append_zigzag(key_, i * 977);
      Bytes rest = key_;
      Timestamp start = 0;
      Bytes customer;
      std::int64_t amount = 0;
      keep(read_time(rest, start) && read_bytes(rest, customer) && read_zigzag(rest, amount));
      keep(amount);
    }
  }

 private:
  std::string key_;
};

const bool kAdded = add_workload<StateBytes>("state_bytes", 1000);

}  // namespace
}  // namespace weir::perf
