// From the slots of a JsonReader to a bound type. Included by json.h.
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <weir/detail/json_member.h>
#include <weir/json_reader.h>

namespace weir {

template <JsonBound T>
class JsonDecoder;

namespace detail {

// What reading a T needs besides its slots; one entry per slot. A struct member has a slot of its
// own, followed by those of its fields.
struct JsonContext {
  std::vector<std::string> paths{};
  std::vector<TimeReading> times{};
  // Decoders of the elements of vectors, made when first needed: a type may contain itself. Shared
  // pointers because those can hold what they do not know; there is one owner.
  std::vector<std::shared_ptr<void>> elements{};
  std::string scratch{};
};

std::string escaped_path_key(std::string_view key);
TimeReading make_time_reading(std::string_view zone, EpochUnit unit);
Status wrong_json_kind(const JsonSlot& slot, std::string_view field, JsonKind wanted);
Status int_out_of_range(std::string_view field);
Status in_element(const Error& error, std::string_view field, std::size_t index);

template <class F>
using MemberOf = typename std::remove_cvref_t<F>::Member;
template <class F>
using InsideOf = typename JsonInside<MemberOf<F>>::Type;

template <class F>
inline constexpr bool kIsTimeField = false;
template <class T, class M>
inline constexpr bool kIsTimeField<JsonTimeField<T, M>> = true;

template <JsonBound T>
constexpr std::size_t slot_count() {
  std::size_t count = 0;
  for_each_field<T>([&count](const auto& field) {
    count += 1;
    using Inside = InsideOf<decltype(field)>;
    if constexpr (JsonBound<Inside>) count += slot_count<Inside>();
  });
  return count;
}

template <JsonBound T>
void add_to_context(const std::string& prefix, JsonContext& context) {
  for_each_field<T>([&](const auto& field) {
    using F = std::remove_cvref_t<decltype(field)>;
    const std::string path = prefix + escaped_path_key(field.name);
    context.paths.push_back(path);
    context.times.emplace_back();
    if constexpr (kIsTimeField<F>) {
      context.times.back() = make_time_reading(field.zone, field.unit);
    }
    using Inside = InsideOf<F>;
    if constexpr (JsonBound<Inside>) add_to_context<Inside>(path + ".", context);
  });
}

template <JsonBound T>
JsonContext make_json_context() {
  JsonContext context;
  add_to_context<T>("", context);
  context.elements.resize(context.paths.size());
  return context;
}

// One scalar.
template <class M>
Status read_scalar(const JsonSlot& slot, std::string_view name, std::string& scratch, M& into) {
  if constexpr (std::same_as<M, bool>) {
    return read_bool(slot, name, into);
  } else if constexpr (std::same_as<M, std::string>) {
    std::string_view text;
    if (Status s = read_string(slot, name, scratch, text); !s) return s;
    into.assign(text);
    return {};
  } else if constexpr (kIsDecimal<M>) {
    std::int64_t units = 0;
    if (Status s = read_decimal(slot, name, M::kPlaces, units); !s) return s;
    into = M::from_units(units);
    return {};
  } else if constexpr (std::floating_point<M>) {
    double number = 0;
    if (Status s = read_double(slot, name, number); !s) return s;
    into = static_cast<M>(number);
    return {};
  } else {
    std::int64_t number = 0;
    if (Status s = read_int(slot, name, number); !s) return s;
    if (!std::in_range<M>(number)) return int_out_of_range(name);
    into = static_cast<M>(number);
    return {};
  }
}

template <JsonBound T>
Status read_struct(std::span<const JsonSlot> slots, JsonContext& context, std::size_t first,
                   T& into);

// The members of a vector. `at` is the slot of the vector itself.
template <class M>
Status read_elements(const JsonSlot& array, JsonContext& context, std::size_t at,
                     std::vector<M>& into);

// One element: all of it is in its own slot.
template <class M>
Status read_element(const JsonSlot& slot, JsonContext& context, std::size_t at, M& into) {
  if constexpr (kIsOptional<M>) {
    if (slot.is_absent()) {
      into.reset();
      return {};
    }
    if (!into) into.emplace();
    return read_element(slot, context, at, *into);
  } else if constexpr (kIsVector<M>) {
    return read_elements(slot, context, at, into);
  } else if constexpr (JsonBound<M>) {
    if (slot.kind != JsonKind::kObject) {
      return wrong_json_kind(slot, context.paths[at], JsonKind::kObject);
    }
    std::shared_ptr<void>& decoder = context.elements[at];
    if (!decoder) decoder = std::make_shared<JsonDecoder<M>>();
    return static_cast<JsonDecoder<M>*>(decoder.get())->read(slot.text, into);
  } else {
    return read_scalar(slot, context.paths[at], context.scratch, into);
  }
}

template <class M>
Status read_elements(const JsonSlot& array, JsonContext& context, std::size_t at,
                     std::vector<M>& into) {
  if (array.kind != JsonKind::kArray) {
    return wrong_json_kind(array, context.paths[at], JsonKind::kArray);
  }
  JsonElements elements(array);
  std::size_t count = 0;
  for (JsonSlot element; elements.next(element); ++count) {
    if (count == into.size()) into.emplace_back();
    if (Status s = read_element(element, context, at, into[count]); !s) {
      return in_element(s.error(), context.paths[at], count);
    }
  }
  into.resize(count);
  return {};
}

// One member, whose slot is `at`.
template <class M>
Status read_member(std::span<const JsonSlot> slots, JsonContext& context, std::size_t at, M& into) {
  if constexpr (kIsOptional<M>) {
    if (slots[at].is_absent()) {
      into.reset();
      return {};
    }
    if (!into) into.emplace();
    return read_member(slots, context, at, *into);
  } else if constexpr (JsonBound<M>) {
    if (slots[at].kind != JsonKind::kObject) {
      return wrong_json_kind(slots[at], context.paths[at], JsonKind::kObject);
    }
    return read_struct(slots, context, at + 1, into);
  } else {
    return read_element(slots[at], context, at, into);
  }
}

template <class M>
Status read_time_member(const JsonSlot& slot, JsonContext& context, std::size_t at, M& into) {
  if constexpr (kIsOptional<M>) {
    into.reset();
    if (slot.is_absent()) return {};
    return read_time(slot, context.paths[at], context.times[at], into.emplace());
  } else {
    return read_time(slot, context.paths[at], context.times[at], into);
  }
}

template <JsonBound T>
Status read_struct(std::span<const JsonSlot> slots, JsonContext& context, std::size_t first,
                   T& into) {
  Status status;
  std::size_t at = first;
  all_fields<T>([&](const auto& field) {
    using F = std::remove_cvref_t<decltype(field)>;
    if constexpr (kIsTimeField<F>) {
      status = read_time_member(slots[at], context, at, into.*field.member);
    } else {
      status = read_member(slots, context, at, into.*field.member);
    }
    at += 1;
    using Inside = InsideOf<F>;
    if constexpr (JsonBound<Inside>) at += slot_count<Inside>();
    return static_cast<bool>(status);
  });
  return status;
}

}  // namespace detail
}  // namespace weir
