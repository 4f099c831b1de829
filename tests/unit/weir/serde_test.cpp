// The bytes of keys and values: golden, since topics and stores outlive the program.
#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/serde.h>

namespace weir {

namespace {
struct Point {
  std::int64_t x = 0;
  std::string name;
  bool operator==(const Point&) const = default;
};
}  // namespace

template <>
struct JsonOf<Point> {
  static constexpr auto fields = std::tuple{field("x", &Point::x), field("name", &Point::name)};
};

namespace {

using std::string_literals::operator""s;
using ::testing::HasSubstr;

std::string hex(std::string_view bytes) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string out;
  for (const char byte : bytes) {
    out += kDigits[static_cast<unsigned char>(byte) >> 4];
    out += kDigits[static_cast<unsigned char>(byte) & 15];
  }
  return out;
}

template <class T>
std::string in_topic(const T& value) {
  std::string out;
  Serde<T>::write(value, out);
  return out;
}
template <class T>
std::string in_state(const T& value) {
  std::string out;
  StateSerde<T>::write(value, out);
  return out;
}
template <class T>
std::string as_key(const T& value) {
  std::string out;
  KeySerde<T>::write(value, out);
  return out;
}

// Each form reads back what it wrote, all of it and nothing more.
template <class T>
void expect_returns(const T& value) {
  T back{};
  const std::string topic = in_topic(value);
  ASSERT_TRUE(Serde<T>::read(topic, back)) << hex(topic);
  EXPECT_EQ(back, value);
  const std::string state = in_state(value) + "rest";
  std::string_view rest = state;
  T held{};
  ASSERT_TRUE(StateSerde<T>::read(rest, held)) << hex(state);
  EXPECT_EQ(held, value);
  EXPECT_EQ(rest, "rest");
  T key{};
  ASSERT_TRUE(KeySerde<T>::read(as_key(value), key)) << hex(as_key(value));
  EXPECT_EQ(key, value);
}

template <class T>
void expect_returns_numbers() {
  using Limits = std::numeric_limits<T>;
  for (const T value : {Limits::lowest(), T{0}, T{1}, T{100}, Limits::max()}) {
    SCOPED_TRACE(testing::Message() << typeid(T).name() << " " << +value);
    expect_returns<T>(value);
  }
}

// In Kafka's topics numbers are big endian, as Java's LongSerializer and its like write them.
TEST(Serde, GoldenBytesOfTopics) {
  EXPECT_EQ(hex(in_topic(std::int64_t{1})), "0000000000000001");
  EXPECT_EQ(hex(in_topic(std::int64_t{-2})), "fffffffffffffffe");
  EXPECT_EQ(hex(in_topic(std::int32_t{258})), "00000102");
  EXPECT_EQ(hex(in_topic(std::int16_t{-1})), "ffff");
  EXPECT_EQ(hex(in_topic(1.5)), "3ff8000000000000");
  EXPECT_EQ(hex(in_topic(-1.5F)), "bfc00000");
  EXPECT_EQ(hex(in_topic(true)), "01");
  EXPECT_EQ(in_topic("k\0y"s), "k\0y"s);
  EXPECT_EQ(in_topic(NoKey{}), "");
  EXPECT_EQ(in_topic(Point{3, "p"}), R"({"x":3,"name":"p"})");
  // As Kafka's SessionKeySchema: the key, the end, the start.
  EXPECT_EQ(hex(in_topic(Windowed<std::string>{"k", {16, 32}})),
            "6b00000000000000200000000000000010");
}

TEST(Serde, GoldenBytesOfState) {
  EXPECT_EQ(hex(in_state(std::int64_t{0})), "00");
  EXPECT_EQ(hex(in_state(std::int64_t{-1})), "01");
  EXPECT_EQ(hex(in_state(std::int32_t{64})), "8001");
  EXPECT_EQ(hex(in_state(true)), "02");
  EXPECT_EQ(hex(in_state(1.5)), "3ff8000000000000");
  EXPECT_EQ(hex(in_state("ab"s)), "026162");
  EXPECT_EQ(hex(in_state(std::optional<std::string>())), "00");
  EXPECT_EQ(hex(in_state(std::optional<std::string>("a"))), "010161");
  EXPECT_EQ(hex(in_state(std::optional<std::optional<std::int64_t>>{std::in_place})), "0100");
  EXPECT_EQ(hex(in_state(Windowed<std::string>{"k", {5, 8}})), "016b0a06");
  EXPECT_EQ(in_state(NoKey{}), "");
}

TEST(Serde, GoldenBytesOfKeys) {
  EXPECT_EQ(as_key("ab"s), "ab");
  EXPECT_EQ(hex(as_key(std::int64_t{1})), "8000000000000001");
  EXPECT_EQ(hex(as_key(std::int64_t{-1})), "7fffffffffffffff");
  EXPECT_EQ(hex(as_key(std::uint64_t{1})), "0000000000000001");
  EXPECT_EQ(hex(as_key(std::int16_t{-1})), "7fffffffffffffff");
  EXPECT_EQ(hex(as_key(Windowed<std::string>{"k", {1, 2}})), "800000000000000180000000000000026b");
}

TEST(Serde, EveryTypeReturnsInEveryForm) {
  expect_returns_numbers<std::int8_t>();
  expect_returns_numbers<std::uint8_t>();
  expect_returns_numbers<std::int16_t>();
  expect_returns_numbers<std::uint32_t>();
  expect_returns_numbers<std::int64_t>();
  expect_returns_numbers<std::uint64_t>();
  expect_returns_numbers<double>();
  expect_returns_numbers<float>();
  for (const bool value : {false, true}) expect_returns(value);
  for (const std::string& value : {""s, "\0"s, "text"s, std::string(70'000, '\xff')}) {
    expect_returns(value);
    expect_returns(Windowed<std::string>{value, {-5, kEndOfTime - 10}});
  }
  expect_returns(Windowed<std::int64_t>{7, {0, 0}});
  expect_returns(Windowed<NoKey>{{}, {10, 20}});
  expect_returns(Point{-3, "a \"name\""});
}

TEST(Serde, RefusesWhatIsTooShortTooLongOrNoValue) {
  std::int64_t number = 77;
  const Status status = Serde<std::int64_t>::read("1234567", number);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().text, HasSubstr("expected 8 bytes, found 7"));
  EXPECT_FALSE(Serde<std::int64_t>::read("123456789", number));
  EXPECT_EQ(number, 77);
  bool yes = true;
  EXPECT_FALSE(Serde<bool>::read("\x02", yes));
  Windowed<std::string> windowed;
  EXPECT_FALSE(Serde<Windowed<std::string>>::read(std::string(15, 'x'), windowed));
  EXPECT_TRUE(Serde<Windowed<std::string>>::read(std::string(16, 'x'), windowed));
  EXPECT_EQ(windowed.key, "");
  Windowed<std::int32_t> typed;
  EXPECT_FALSE(Serde<Windowed<std::int32_t>>::read(std::string(19, '\0'), typed));
}

template <class T>
bool state_reads(std::string_view bytes) {
  T into{};
  return StateSerde<T>::read(bytes, into);
}

TEST(Serde, RefusesDamagedState) {
  EXPECT_FALSE(state_reads<std::int64_t>(""));
  EXPECT_FALSE(state_reads<std::int64_t>("\x80"));
  EXPECT_FALSE(state_reads<std::int8_t>(in_state(std::int64_t{128})));
  EXPECT_FALSE(state_reads<std::uint32_t>(in_state(std::int64_t{-1})));
  EXPECT_FALSE(state_reads<bool>(in_state(std::int64_t{2})));
  EXPECT_FALSE(state_reads<double>("1234567"));
  EXPECT_FALSE(state_reads<std::string>("\x05only"));
  EXPECT_FALSE(state_reads<std::optional<std::string>>(""));
  EXPECT_FALSE(state_reads<std::optional<std::string>>("\x02"));
  EXPECT_FALSE(state_reads<std::optional<std::string>>("\x01"));
  EXPECT_FALSE(state_reads<Windowed<std::string>>("\x01k"));
  std::string over = in_state("k"s);
  append_zigzag(over, kEndOfTime);
  append_zigzag(over, 1);
  EXPECT_FALSE(state_reads<Windowed<std::string>>(over)) << "an end beyond all time";
}

template <class T>
bool key_reads(std::string_view bytes) {
  T into{};
  return KeySerde<T>::read(bytes, into);
}

TEST(Serde, AKeyIsTheWholeOfItsBytes) {
  EXPECT_FALSE(key_reads<std::int64_t>(as_key(std::int64_t{1}) + "x"));
  EXPECT_FALSE(key_reads<std::int64_t>("1234567"));
  EXPECT_FALSE(key_reads<std::int8_t>(as_key(std::int64_t{1000})));
  EXPECT_FALSE(key_reads<Windowed<std::string>>("short"));
  EXPECT_FALSE(key_reads<double>(as_key(1.5) + "x"));
  EXPECT_FALSE(key_reads<NoKey>("x"));
  EXPECT_TRUE(key_reads<NoKey>(""));
}

template <class T>
void expect_sorts(std::vector<T> keys) {
  std::sort(keys.begin(), keys.end());
  for (std::size_t at = 1; at < keys.size(); ++at) {
    if (keys[at - 1] == keys[at]) continue;
    ASSERT_LT(as_key(keys[at - 1]), as_key(keys[at]));
  }
}

TEST(Serde, KeysSortAsTheirValuesDo) {
  std::mt19937_64 random(5);
  std::vector<std::int64_t> signed_numbers = {std::numeric_limits<std::int64_t>::min(), -1, 0, 1};
  std::vector<std::uint64_t> unsigned_numbers = {0, 1, std::numeric_limits<std::uint64_t>::max()};
  std::vector<std::string> texts = {"", "\0"s, "a", "ab", "b", "\xff"};
  std::vector<Windowed<std::string>> windowed;
  for (int n = 0; n < 500; ++n) {
    signed_numbers.push_back(static_cast<std::int64_t>(random()) >> (random() % 64));
    unsigned_numbers.push_back(random() >> (random() % 64));
  }
  for (const Timestamp start : {-9, 0, 3}) {
    for (const std::string& text : texts) windowed.push_back({text, {start, start + 5}});
  }
  std::sort(windowed.begin(), windowed.end(), [](const auto& a, const auto& b) {
    return std::tie(a.window, a.key) < std::tie(b.window, b.key);
  });
  for (std::size_t at = 1; at < windowed.size(); ++at) {
    EXPECT_LT(as_key(windowed[at - 1]), as_key(windowed[at]));
  }
  expect_sorts(signed_numbers);
  expect_sorts(unsigned_numbers);
  expect_sorts(texts);
}

}  // namespace
}  // namespace weir
