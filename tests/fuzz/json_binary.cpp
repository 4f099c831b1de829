// Any bytes as state of a bound type: nothing crashes, and what is read is written as the same
// bytes or as bytes that read back the same.
#include <cstdint>
#include <cstdlib>
#include <string>

#include <weir/json.h>

namespace {

struct Item {
  std::string sku;
  std::optional<std::int32_t> quantity;
  bool gift = false;
};

struct Order {
  std::string id;
  weir::Decimal<2> amount;
  double weight = 0;
  weir::Timestamp at = 0;
  std::vector<Item> items;
  std::optional<Item> best;
  std::optional<std::vector<std::uint8_t>> marks;
};

void require(bool good) {
  if (!good) std::abort();
}

}  // namespace

template <>
struct weir::JsonOf<Item> {
  static constexpr auto fields = std::tuple{
      field("sku", &Item::sku), field("quantity", &Item::quantity), field("gift", &Item::gift)};
};
template <>
struct weir::JsonOf<Order> {
  static constexpr auto fields =
      std::tuple{field("id", &Order::id),         field("amount", &Order::amount),
                 field("weight", &Order::weight), time_field("at", &Order::at),
                 field("items", &Order::items),   field("best", &Order::best),
                 field("marks", &Order::marks)};
};

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  std::string_view in = text;
  Order order;
  if (weir::read_binary(in, order)) {
    std::string first;
    weir::write_binary(order, first);
    std::string_view again = first;
    Order back;
    require(weir::read_binary(again, back) && again.empty());
    std::string second;
    weir::write_binary(back, second);
    require(first == second);
  }
  (void)weir::read_json(text, order);
  std::string out;
  weir::write_json(order, out);
  weir::JsonReader reader({});
  require(static_cast<bool>(reader.read(out)));
  return 0;
}
