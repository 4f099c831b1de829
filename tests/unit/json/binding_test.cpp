#include <cmath>
#include <limits>
#include <tuple>

#include <gtest/gtest.h>

#include <weir/json.h>

namespace {

struct Item {
  std::string sku;
  std::int32_t quantity = 0;
  bool operator==(const Item&) const = default;
};

struct Address {
  std::string city;
  std::optional<std::string> zip;
  bool operator==(const Address&) const = default;
};

struct Order {
  std::string order_id;
  std::optional<std::string> customer_id;
  weir::Decimal<2> amount;
  double weight = 0;
  bool paid = false;
  weir::Timestamp created_at = 0;
  std::optional<weir::Timestamp> paid_at;
  Address address;
  std::optional<Address> billing;
  std::vector<Item> items;
  std::optional<std::vector<std::string>> tags;
  std::uint8_t small = 0;
  bool operator==(const Order&) const = default;
};

struct Tree {
  std::string name;
  std::vector<Tree> children;
  bool operator==(const Tree&) const = default;
};

struct First {
  std::int64_t count = 0;
};
struct Grown {
  std::int64_t count = 0;
  std::optional<std::string> note;
};
struct GrownBadly {
  std::int64_t count = 0;
  std::string note;
};
struct Nothing {};

}  // namespace

template <>
struct weir::JsonOf<Item> {
  static constexpr auto fields =
      std::tuple{field("sku", &Item::sku), field("quantity", &Item::quantity)};
};
template <>
struct weir::JsonOf<Address> {
  static constexpr auto fields =
      std::tuple{field("city", &Address::city), field("zip", &Address::zip)};
};
template <>
struct weir::JsonOf<Order> {
  static constexpr auto fields =
      std::tuple{field("order_id", &Order::order_id),
                 field("customer_id", &Order::customer_id),
                 field("amount", &Order::amount),
                 field("weight", &Order::weight),
                 field("paid", &Order::paid),
                 time_field("created_at", &Order::created_at, EpochUnit::kMillis, "Europe/Berlin"),
                 time_field("paid_at", &Order::paid_at),
                 field("address", &Order::address),
                 field("billing", &Order::billing),
                 field("items", &Order::items),
                 field("tags", &Order::tags),
                 field("small", &Order::small)};
};
template <>
struct weir::JsonOf<Tree> {
  static constexpr auto fields =
      std::tuple{field("name", &Tree::name), field("children", &Tree::children)};
};
template <>
struct weir::JsonOf<First> {
  static constexpr auto fields = std::tuple{field("count", &First::count)};
};
template <>
struct weir::JsonOf<Grown> {
  static constexpr auto fields =
      std::tuple{field("count", &Grown::count), field("note", &Grown::note)};
};
template <>
struct weir::JsonOf<GrownBadly> {
  static constexpr auto fields =
      std::tuple{field("count", &GrownBadly::count), field("note", &GrownBadly::note)};
};
template <>
struct weir::JsonOf<Nothing> {
  static constexpr std::tuple<> fields{};
};

namespace weir {
namespace {

constexpr std::string_view kOrder =
    R"({"order_id":"o\u00e41","customer_id":null,"amount":59.970000000000006,"weight":1.5e3,)"
    R"("ignored":[{"x":1}],"paid":true,"created_at":"2025-07-01T12:00:00",)"
    R"("address":{"city":"Kiel"},"items":[{"sku":"A","quantity":2.0},{"sku":"B","quantity":1}],)"
    R"("tags":["new","\"x\""],"small":255})";

Order expected_order() {
  return {.order_id =
              "o\xc3\xa4"
              "1",
          .customer_id = std::nullopt,
          .amount = Decimal<2>::from_units(5997),
          .weight = 1500,
          .paid = true,
          .created_at = 1751364000000,
          .paid_at = std::nullopt,
          .address = {.city = "Kiel", .zip = std::nullopt},
          .billing = std::nullopt,
          .items = {{"A", 2}, {"B", 1}},
          .tags = {{"new", "\"x\""}},
          .small = 255};
}

std::string error_of(std::string_view json) {
  Order order;
  Status s = JsonDecoder<Order>().read(json, order);
  return s ? "" : s.error().text;
}

TEST(JsonBinding, ReadsEveryKindOfMember) {
  Order order;
  const Status s = JsonDecoder<Order>().read(kOrder, order);
  ASSERT_TRUE(s) << s.error().to_string();
  EXPECT_EQ(order, expected_order());
}

TEST(JsonBinding, LeavesNothingOfTheRecordBefore) {
  JsonDecoder<Order> decoder;
  Order order = expected_order();
  order.customer_id = "before";
  order.paid_at = 5;
  order.billing = Address{.city = "Bonn", .zip = "53111"};
  order.items.resize(7);
  order.address.zip = "24103";
  ASSERT_TRUE(decoder.read(kOrder, order));
  EXPECT_EQ(order, expected_order());
}

TEST(JsonBinding, WritesFieldsInTheirOrder) {
  std::string out;
  write_json(expected_order(), out);
  EXPECT_EQ(out,
            "{\"order_id\":\"o\xc3\xa4"
            "1\",\"customer_id\":null,\"amount\":59.97,\"weight\":1500,"
            "\"paid\":true,\"created_at\":\"2025-07-01T10:00:00Z\",\"paid_at\":null,"
            "\"address\":{\"city\":\"Kiel\",\"zip\":null},\"billing\":null,"
            "\"items\":[{\"sku\":\"A\",\"quantity\":2},{\"sku\":\"B\",\"quantity\":1}],"
            "\"tags\":[\"new\",\"\\\"x\\\"\"],\"small\":255}");
}

TEST(JsonBinding, ReadsWhatItWrote) {
  Order order = expected_order();
  order.customer_id = "c\n\t\x01";
  order.paid_at = 1751364000123;
  order.billing = Address{.city = "\\", .zip = ""};
  order.weight = 0.1;
  std::string out;
  write_json(order, out);
  Order back;
  const Status s = read_json(out, back);
  ASSERT_TRUE(s) << s.error().to_string() << out;
  EXPECT_EQ(back, order);
}

TEST(JsonBinding, NamesTheFieldThatIsMissingOrNull) {
  EXPECT_EQ(error_of("{}"), "field 'order_id' is missing");
  EXPECT_EQ(error_of(R"({"order_id":null})"), "field 'order_id' is null");
  EXPECT_EQ(error_of(R"({"order_id":7})"), "field 'order_id' is a number, not text: 7");
}

std::string order_with(std::string_view from, std::string_view to) {
  std::string json(kOrder);
  return json.replace(json.find(from), from.size(), to);
}

TEST(JsonBinding, NamesTheFieldThatDoesNotFit) {
  EXPECT_EQ(error_of(order_with("59.970000000000006", "\"59.97\"")),
            "field 'amount' is text, not a number: 59.97");
  EXPECT_EQ(error_of(order_with("59.970000000000006", "1e17")),
            "field 'amount' does not fit a decimal with 2 places: 1e17");
  EXPECT_EQ(error_of(order_with("\"small\":255", "\"small\":256")),
            "field 'small' is out of its type's range");
  EXPECT_EQ(error_of(order_with("{\"city\":\"Kiel\"}", "{}")), "field 'address.city' is missing");
  EXPECT_EQ(error_of(order_with("{\"city\":\"Kiel\"}", "[]")),
            "field 'address' is an array, not an object");
  EXPECT_EQ(error_of(order_with("\"sku\":\"B\"", "\"sku\":0")),
            "items[1]: field 'sku' is a number, not text: 0");
  EXPECT_EQ(error_of(order_with("\"new\"", "true")), "tags[0]: field 'tags' is true, not text");
  EXPECT_EQ(error_of(order_with("2025-07-01T12:00:00", "yesterday")),
            "field 'created_at' is not a time: yesterday");
}

TEST(JsonBinding, GivesThePositionOfDamage) {
  Order order;
  const Status s = JsonDecoder<Order>().read(R"({"order_id":"x",})", order);
  ASSERT_FALSE(s);
  EXPECT_EQ(s.error().position, 16U);
}

TEST(JsonBinding, ATypeMayContainItself) {
  const Tree tree{.name = "a", .children = {{"b", {{"c", {}}, {"d", {}}}}, {"e", {}}}};
  std::string out;
  write_json(tree, out);
  EXPECT_EQ(out, R"({"name":"a","children":[{"name":"b","children":[{"name":"c","children":[]},)"
                 R"({"name":"d","children":[]}]},{"name":"e","children":[]}]})");
  Tree back;
  ASSERT_TRUE(read_json(out, back));
  EXPECT_EQ(back, tree);
}

TEST(JsonBinding, WritesNumbersThatHaveNoJsonAsNull) {
  Order order;
  order.weight = std::numeric_limits<double>::quiet_NaN();
  order.created_at = kEndOfTime;
  std::string out;
  write_json(order, out);
  EXPECT_NE(out.find("\"weight\":null"), std::string::npos);
  EXPECT_NE(out.find("\"created_at\":null"), std::string::npos);
}

TEST(JsonBinding, ATypeWithoutFieldsIsAnEmptyObject) {
  std::string out;
  write_json(Nothing{}, out);
  EXPECT_EQ(out, "{}");
  Nothing nothing;
  EXPECT_TRUE(read_json(R"({"any":1})", nothing));
}

TEST(JsonBinary, ReadsWhatItWrote) {
  Order order = expected_order();
  order.weight = -0.0;
  order.billing = Address{.city = "Bonn", .zip = "53111"};
  std::string bytes;
  write_binary(order, bytes);
  std::string_view rest = bytes;
  Order back = expected_order();
  back.items.resize(9);
  ASSERT_TRUE(read_binary(rest, back));
  EXPECT_TRUE(rest.empty());
  EXPECT_EQ(back, order);
  EXPECT_TRUE(std::signbit(back.weight));
}

TEST(JsonBinary, HasThisForm) {
  std::string bytes;
  write_binary(Tree{.name = "ab", .children = {{"c", {}}}}, bytes);
  EXPECT_EQ(bytes, std::string("\x02\x02"
                               "ab\x01"
                               "\x02\x01"
                               "c\x00",
                               9));
}

TEST(JsonBinary, RefusesEveryTruncation) {
  std::string bytes;
  write_binary(expected_order(), bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    std::string_view cut = std::string_view(bytes).substr(0, size);
    Order back;
    EXPECT_FALSE(read_binary(cut, back)) << size;
  }
}

TEST(JsonBinary, SurvivesEveryDamagedByte) {
  std::string bytes;
  write_binary(expected_order(), bytes);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(value);
      std::string_view in = damaged;
      Order back;
      const bool good = read_binary(in, back);
      EXPECT_TRUE(!good || in.size() < damaged.size());
    }
  }
}

TEST(JsonBinary, ReadsOlderBytesWhenNewFieldsAreOptional) {
  std::string bytes;
  write_binary(First{.count = 7}, bytes);
  std::string_view in = bytes;
  Grown grown{.count = 0, .note = "before"};
  ASSERT_TRUE(read_binary(in, grown));
  EXPECT_EQ(grown.count, 7);
  EXPECT_EQ(grown.note, std::nullopt);
  in = bytes;
  GrownBadly bad;
  EXPECT_FALSE(read_binary(in, bad));
}

TEST(JsonBinary, RefusesBytesOfANewerBinding) {
  std::string bytes;
  write_binary(Grown{.count = 7, .note = "x"}, bytes);
  std::string_view in = bytes;
  First first;
  EXPECT_FALSE(read_binary(in, first));
}

}  // namespace
}  // namespace weir
