// How values become bytes and back.
//
// Two forms, because two readers: `Serde<T>` is what lies in topics, where other programs read it;
// `StateSerde<T>` is what lies in stores, changelogs and repartition topics, where only weir does.
#pragma once

#include <bit>
#include <concepts>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include <weir/bytes.h>
#include <weir/error.h>
#include <weir/json.h>
#include <weir/record.h>
#include <weir/time.h>

namespace weir {

// Bytes of T in topics. `read` fills `into`, reusing its memory; `write` appends. Numbers are big
// endian as Java's serializers write them; types with a JsonOf binding are JSON (see json.h).
// Specialise it for a type of your own:
//
//   template <> struct weir::Serde<Point> {
//     static void write(const Point& p, std::string& out);
//     static Status read(std::string_view bytes, Point& into);
//   };
template <class T>
struct Serde;

template <>
struct Serde<std::string> {
  static void write(const std::string& value, std::string& out) { out += value; }
  static Status read(std::string_view bytes, std::string& into) {
    into.assign(bytes);
    return {};
  }
};

template <class T>
requires(std::integral<T> || std::floating_point<T>) struct Serde<T> {
  static void write(const T& value, std::string& out) {
    unsigned char bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof(T));
    for (std::size_t i = sizeof(T); i-- > 0;) out.push_back(static_cast<char>(bytes[i]));
  }
  static Status read(std::string_view bytes, T& into) {
    if (bytes.size() != sizeof(T)) {
      return Error{"expected " + std::to_string(sizeof(T)) + " bytes, found " +
                   std::to_string(bytes.size())};
    }
    unsigned char reversed[sizeof(T)];
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      reversed[sizeof(T) - 1 - i] = static_cast<unsigned char>(bytes[i]);
    }
    if constexpr (std::same_as<T, bool>) {
      if (reversed[0] > 1) return Error{"expected 0 or 1"};
    }
    std::memcpy(&into, reversed, sizeof(T));
    return {};
  }
};

template <>
struct Serde<NoKey> {
  static void write(const NoKey&, std::string&) {}
  static Status read(std::string_view, NoKey&) { return {}; }
};

// Key bytes, then the window's end and start: as Kafka's serde of session-windowed keys.
template <class K>
struct Serde<Windowed<K>> {
  static void write(const Windowed<K>& value, std::string& out) {
    Serde<K>::write(value.key, out);
    Serde<Timestamp>::write(value.window.end, out);
    Serde<Timestamp>::write(value.window.start, out);
  }
  static Status read(std::string_view bytes, Windowed<K>& into) {
    constexpr std::size_t kTime = sizeof(Timestamp);
    if (bytes.size() < 2 * kTime) return Error{"too short for a windowed key"};
    const std::size_t times = bytes.size() - 2 * kTime;
    if (Status end = Serde<Timestamp>::read(bytes.substr(times, kTime), into.window.end); !end) {
      return end;
    }
    Status start = Serde<Timestamp>::read(bytes.substr(times + kTime), into.window.start);
    return start ? Serde<K>::read(bytes.substr(0, times), into.key) : start;
  }
};

template <class T>
requires JsonBound<T>
struct Serde<T> {
  static void write(const T& value, std::string& out) { write_json(value, out); }
  static Status read(std::string_view bytes, T& into) { return read_json(bytes, into); }
};

// What a topic of T needs: bytes both ways.
template <class T>
concept HasSerde = requires(const T& value, T& into, std::string& out, std::string_view bytes) {
  Serde<T>::write(value, out);
  { Serde<T>::read(bytes, into) } -> std::same_as<Status>;
};

// Bytes of T in state. `read` takes its own bytes off the front of `bytes` and returns false when
// they are damaged. Present for numbers, strings, optionals, windowed keys, JsonOf bindings and
// every type with members `write(std::string&) const` and `bool read(std::string_view&)`.
template <class T>
struct StateSerde;

template <class T>
concept WritesItself = requires(const T& value, T& into, std::string& out, std::string_view& in) {
  value.write(out);
  { into.read(in) } -> std::same_as<bool>;
};

template <WritesItself T>
struct StateSerde<T> {
  static void write(const T& value, std::string& out) { value.write(out); }
  static bool read(std::string_view& in, T& into) { return into.read(in); }
};

template <std::integral T>
struct StateSerde<T> {
  static void write(const T& value, std::string& out) {
    append_zigzag(out, static_cast<std::int64_t>(value));
  }
  static bool read(std::string_view& in, T& into) {
    std::int64_t wide = 0;
    if (!read_zigzag(in, wide)) return false;
    into = static_cast<T>(wide);
    return static_cast<std::int64_t>(into) == wide;
  }
};

template <std::floating_point T>
struct StateSerde<T> {
  static void write(const T& value, std::string& out) { Serde<T>::write(value, out); }
  static bool read(std::string_view& in, T& into) {
    if (in.size() < sizeof(T)) return false;
    const bool good = static_cast<bool>(Serde<T>::read(in.substr(0, sizeof(T)), into));
    in.remove_prefix(sizeof(T));
    return good;
  }
};

template <>
struct StateSerde<std::string> {
  static void write(const std::string& value, std::string& out) { append_bytes(out, value); }
  static bool read(std::string_view& in, std::string& into) {
    std::string_view bytes;
    if (!read_bytes(in, bytes)) return false;
    into.assign(bytes);
    return true;
  }
};

template <>
struct StateSerde<NoKey> {
  static void write(const NoKey&, std::string&) {}
  static bool read(std::string_view&, NoKey&) { return true; }
};

template <class T>
struct StateSerde<std::optional<T>> {
  static void write(const std::optional<T>& value, std::string& out) {
    out.push_back(value ? '\1' : '\0');
    if (value) StateSerde<T>::write(*value, out);
  }
  static bool read(std::string_view& in, std::optional<T>& into) {
    if (in.empty() || static_cast<unsigned char>(in.front()) > 1) return false;
    const bool present = in.front() == '\1';
    in.remove_prefix(1);
    if (!present) {
      into.reset();
      return true;
    }
    if (!into) into.emplace();
    return StateSerde<T>::read(in, *into);
  }
};

template <class K>
struct StateSerde<Windowed<K>> {
  static void write(const Windowed<K>& value, std::string& out) {
    StateSerde<K>::write(value.key, out);
    append_zigzag(out, value.window.start);
    append_zigzag(out, value.window.end - value.window.start);
  }
  static bool read(std::string_view& in, Windowed<K>& into) {
    std::int64_t size = 0;
    if (!StateSerde<K>::read(in, into.key) || !read_zigzag(in, into.window.start)) return false;
    if (!read_zigzag(in, size)) return false;
    return !__builtin_add_overflow(into.window.start, size, &into.window.end);
  }
};

template <class T>
requires(JsonBound<T> && !WritesItself<T>) struct StateSerde<T> {
  static void write(const T& value, std::string& out) { write_binary(value, out); }
  static bool read(std::string_view& in, T& into) { return read_binary(in, into); }
};

// Bytes of keys in the stores of operators and in repartition topics: the whole of a view, and in
// an order that users expect. Text sorts as its bytes do, whole numbers as numbers do, windowed
// keys by time, then by key. Store<K, V> of a processor writes keys as StateSerde does.
template <class K>
struct KeySerde {
  static void write(const K& key, std::string& out) { StateSerde<K>::write(key, out); }
  static bool read(std::string_view in, K& into) {
    return StateSerde<K>::read(in, into) && in.empty();
  }
};

template <>
struct KeySerde<std::string> {
  static void write(const std::string& key, std::string& out) { out += key; }
  static bool read(std::string_view in, std::string& into) {
    into.assign(in);
    return true;
  }
};

template <std::integral T>
struct KeySerde<T> {
  static void write(const T& key, std::string& out) {
    append_time(out, static_cast<std::int64_t>(static_cast<std::uint64_t>(key) ^ kTopBit));
  }
  static bool read(std::string_view in, T& into) {
    std::int64_t wide = 0;
    if (!read_time(in, wide) || !in.empty()) return false;
    const std::uint64_t bits = static_cast<std::uint64_t>(wide) ^ kTopBit;
    into = static_cast<T>(bits);
    return static_cast<std::uint64_t>(into) == bits;
  }

 private:
  // The largest unsigned numbers would sort as negative ones.
  static constexpr std::uint64_t kTopBit =
      std::is_unsigned_v<T> && sizeof(T) == 8 ? std::uint64_t{1} << 63 : 0;
};

template <class K>
struct KeySerde<Windowed<K>> {
  static void write(const Windowed<K>& key, std::string& out) {
    append_time(out, key.window.start);
    append_time(out, key.window.end);
    KeySerde<K>::write(key.key, out);
  }
  static bool read(std::string_view in, Windowed<K>& into) {
    return read_time(in, into.window.start) && read_time(in, into.window.end) &&
           KeySerde<K>::read(in, into.key);
  }
};

template <class T>
concept HasStateSerde = requires(const T& value, T& into, std::string& out, std::string_view& in) {
  StateSerde<T>::write(value, out);
  { StateSerde<T>::read(in, into) } -> std::same_as<bool>;
};

}  // namespace weir
