// error: no matching function for call to .*match_once\(
#include <weir/stream.h>

using namespace std::chrono_literals;

const weir::Topic<std::string, std::string> kOrders{"orders"};
const weir::Topic<std::string, std::string> kPayments{"payments"};

void match(weir::Builder& builder) {
  const auto payments = builder.stream(kPayments);
#ifdef MISUSE
  builder.stream(kOrders).match_once("paid", payments, {.within = 15min});
#else
  const auto id = [](const std::string& payment) { return payment; };
  builder.stream(kOrders).match_once("paid", payments, id, {.within = 15min});
#endif
}
