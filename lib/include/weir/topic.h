// Topic<K, V>: a Kafka topic with its types, and how its bytes are read and written.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <weir/error.h>
#include <weir/serde.h>

namespace weir {

// Turns bytes of one topic into values. One per task, so it may learn the shape of its records.
template <class T>
class Decoder {
 public:
  virtual ~Decoder() = default;
  // Fills `into`, reusing its memory. `bytes` is empty-handed (nothing) for a null key or value.
  // Views inside `into` stay valid as long as `bytes` does.
  virtual Status read(std::optional<std::string_view> bytes, T& into) = 0;
};

// Turns values into the bytes of one topic. Appends; returns false for null (no bytes at all).
template <class T>
class Encoder {
 public:
  virtual ~Encoder() = default;
  virtual bool write(const T& value, std::string& out) = 0;
};

// A way to read and write one side of a topic: for formats that are only known at run time. Types
// known at compile time need none: their Serde is taken.
template <class T>
class Format {
 public:
  virtual ~Format() = default;
  virtual std::unique_ptr<Decoder<T>> decoder() const = 0;
  virtual std::unique_ptr<Encoder<T>> encoder() const = 0;
  virtual std::string_view name() const = 0;  // For describe(): "json", "bytes", ...
};

// The Format of a type with a Serde.
template <class T>
std::shared_ptr<const Format<T>> format_of();

// A topic, declared once with its types:
//
//   const Topic<std::string, Order> kOrders{"orders"};
template <class K, class V>
struct Topic {
  explicit Topic(std::string called) : Topic(std::move(called), format_of<K>(), format_of<V>()) {}
  // With formats that are only known at run time.
  Topic(std::string called, std::shared_ptr<const Format<K>> keys,
        std::shared_ptr<const Format<V>> values)
      : name(std::move(called)), key(std::move(keys)), value(std::move(values)) {}

  std::string name;
  // Shared by the copies of this declaration and by the plans made from it; never changed.
  std::shared_ptr<const Format<K>> key;
  std::shared_ptr<const Format<V>> value;
};

namespace detail {

template <class T>
struct OptionalOf {
  static constexpr bool value = false;
  using type = T;
};
template <class T>
struct OptionalOf<std::optional<T>> {
  static constexpr bool value = true;
  using type = T;
};

template <class T>
class SerdeDecoder final : public Decoder<T> {
 public:
  Status read(std::optional<std::string_view> bytes, T& into) override {
    if constexpr (std::same_as<T, NoKey>) {
      return {};
    } else if constexpr (OptionalOf<T>::value) {
      if (!bytes) {
        into.reset();
        return {};
      }
      if (!into) into.emplace();
      return inner_.read(*bytes, *into);
    } else {
      if (!bytes) return Error{"is null"};
      return inner_.read(*bytes, into);
    }
  }

 private:
  using Inner = typename OptionalOf<T>::type;
  struct Plain {
    Status read(std::string_view bytes, Inner& into) { return Serde<Inner>::read(bytes, into); }
  };
  template <class U>
  struct Reader {
    using type = Plain;
  };
  template <class U>
  requires JsonBound<U>
  struct Reader<U> {
    using type = JsonDecoder<U>;
  };
  typename Reader<Inner>::type inner_;
};

template <class T>
class SerdeEncoder final : public Encoder<T> {
 public:
  bool write(const T& value, std::string& out) override {
    if constexpr (std::same_as<T, NoKey>) {
      return false;
    } else if constexpr (OptionalOf<T>::value) {
      if (value) Serde<typename OptionalOf<T>::type>::write(*value, out);
      return value.has_value();
    } else {
      Serde<T>::write(value, out);
      return true;
    }
  }
};

template <class T>
class SerdeFormat final : public Format<T> {
 public:
  std::unique_ptr<Decoder<T>> decoder() const override {
    return std::make_unique<SerdeDecoder<T>>();
  }
  std::unique_ptr<Encoder<T>> encoder() const override {
    return std::make_unique<SerdeEncoder<T>>();
  }
  std::string_view name() const override { return JsonBound<T> ? "json" : "bytes"; }
};

}  // namespace detail

template <class T>
std::shared_ptr<const Format<T>> format_of() {
  static_assert(HasSerde<typename detail::OptionalOf<T>::type>,
                "this type cannot lie in a topic: give it a weir::JsonOf binding or a weir::Serde");
  static const auto format = std::make_shared<const detail::SerdeFormat<T>>();
  return format;
}

}  // namespace weir
