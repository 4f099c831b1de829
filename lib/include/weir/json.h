// JSON for types of your own. Name the members once, next to the type:
//
//   struct Order {
//     std::string order_id;
//     std::optional<std::string> customer_id;
//     Decimal<2> amount;
//     Timestamp created_at = 0;
//   };
//   template <>
//   struct weir::JsonOf<Order> {
//     static constexpr auto fields =
//         std::tuple{field("order_id", &Order::order_id), field("customer_id",
//         &Order::customer_id),
//                    field("amount", &Order::amount), time_field("created_at",
//                    &Order::created_at)};
//   };
//
//   JsonDecoder<Order> decoder;
//   Order order;
//   if (Status s = decoder.read(bytes, order); !s) return dead_letter(s.error());
//   write_json(order, out);    // {"order_id":"o1","customer_id":null,"amount":750.00,...}
//   write_binary(order, out);  // its bytes in state
//
// Members: std::string, integers (up to 2^63 - 1), double, float, bool, Decimal<N>, other bound
// types, and of all these std::optional and std::vector. Fields of the text that are not named are
// skipped, checked all the same. A field that is missing or null is an empty optional, and an error
// where the member is no optional. What is written: doubles in the shortest form that reads back
// the same, NaN and infinities as null, empty optionals as null.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <weir/decimal.h>
#include <weir/detail/json_binary.h>
#include <weir/detail/json_member.h>
#include <weir/detail/json_read.h>
#include <weir/detail/json_write.h>
#include <weir/error.h>
#include <weir/json_of.h>
#include <weir/json_reader.h>
#include <weir/json_value.h>
#include <weir/time_format.h>

namespace weir {

// `name` is the key in the text.
template <class T, detail::JsonMember M>
constexpr JsonField<T, M> field(std::string_view name, M T::*member) {
  return {name, member};
}

// A Timestamp, or an optional one, in any form `parse_time` reads; written as text in UTC. `zone`
// is what text without an offset means. REQUIRES: the zone exists on every machine that runs this.
template <class T, detail::JsonTime M>
constexpr JsonTimeField<T, M> time_field(std::string_view name, M T::*member,
                                         EpochUnit unit = EpochUnit::kAuto,
                                         std::string_view zone = "UTC") {
  return {name, member, unit, zone};
}

// Reads records of one topic into T; see JsonReader for what it learns and what it refuses. Not for
// two threads at once.
template <JsonBound T>
class JsonDecoder {
 public:
  // Fills `into`, reusing its memory. After an error `into` means nothing.
  Status read(std::string_view bytes, T& into) {
    if (Status s = reader_.read(bytes); !s) return s;
    return detail::read_struct(reader_.slots(), context_, 0, into);
  }

 private:
  detail::JsonContext context_ = detail::make_json_context<T>();
  JsonReader reader_{context_.paths};
};

// Reads with a decoder of this thread.
template <JsonBound T>
Status read_json(std::string_view bytes, T& into) {
  thread_local JsonDecoder<T> decoder;
  return decoder.read(bytes, into);
}

// Appends `value` as a JSON object, fields in the order of the binding.
template <JsonBound T>
void write_json(const T& value, std::string& out) {
  detail::write_json_struct(value, out);
}

// Appends the bytes of `value` in state: compact, without names. A later program may add fields at
// the end of the binding if they are optional; other changes make the bytes unreadable.
template <JsonBound T>
void write_binary(const T& value, std::string& out) {
  detail::write_binary_struct(value, out);
}

// Takes the bytes of a T off the front of `in`. False when they are damaged, or were written with
// another binding; then `into` means nothing.
template <JsonBound T>
[[nodiscard]] bool read_binary(std::string_view& in, T& into) {
  return detail::read_binary_struct(in, into);
}

}  // namespace weir
