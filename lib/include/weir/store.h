// Stores: local state of one task, declared by name and types, backed by a changelog.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <typeinfo>

#include <weir/bytes_store.h>
#include <weir/detail/layout.h>
#include <weir/error.h>
#include <weir/serde.h>

namespace weir {

// The declaration of a key-value store for processors of your own:
//
//   const KeyValueStore<std::string, double> kSpent{"spent"};
//   stream.process("limit", SpendingLimit{}, {kSpent});
template <class K, class V>
struct KeyValueStore {
  std::string name;
};

namespace detail {

// Functions have no lasting name, so an aggregate that holds one says what it stores.
template <class T>
struct StoredAs {
  using type = T;
};
template <class T>
requires requires { typename T::Stored; }
struct StoredAs<T> {
  using type = typename T::Stored;
};

template <class... T>
std::string stored_types() {
  std::string all;
  ((all += std::string(typeid(typename StoredAs<T>::type).name()) + ","), ...);
  return all;
}

}  // namespace detail

// What the plan keeps of a declaration.
struct StoreName {
  template <class K, class V>
  StoreName(const KeyValueStore<K, V>& store)
      : name(store.name), types(detail::stored_types<K, V>()) {}
  std::string name;
  std::string types;
};

// A key-value store at work: the typed view of a BytesStore. Changes become durable with the next
// commit; after a crash the store is as of the last one.
template <class K, class V>
class Store {
  static_assert(HasStateSerde<K> && HasStateSerde<V>,
                "a store needs a weir::StateSerde (or weir::JsonOf) of its key and value types");

 public:
  explicit Store(BytesStore& bytes) : bytes_(bytes) {}

  // The value of `key`, or nothing.
  std::optional<V> get(const K& key) {
    V value{};
    if (!get(key, value)) return std::nullopt;
    return value;
  }
  // The same into memory that the caller reuses. False: there is none, `into` is unchanged.
  bool get(const K& key, V& into) {
    std::optional<std::string_view> found = bytes_.get(key_bytes(key));
    if (!found) return false;
    detail::check_stored(StateSerde<V>::read(*found, into), "a stored value");
    return true;
  }
  void put(const K& key, const V& value) {
    value_.clear();
    StateSerde<V>::write(value, value_);
    bytes_.put(key_bytes(key), value_);
  }
  void erase(const K& key) { bytes_.erase(key_bytes(key)); }

  // Calls `visit(key, value)` for each entry, in the order of the keys' StateSerde bytes (of text:
  // the shorter first), until it returns false. REQUIRES: `visit` does not change the store.
  template <class F>
  void each(F visit) {
    K key{};
    V value{};
    bytes_.scan({}, {}, [&](std::string_view k, std::string_view v) {
      detail::check_stored(StateSerde<K>::read(k, key) && StateSerde<V>::read(v, value),
                           "a stored entry");
      return visit(static_cast<const K&>(key), static_cast<const V&>(value));
    });
  }

 private:
  std::string_view key_bytes(const K& key) {
    key_.clear();
    StateSerde<K>::write(key, key_);
    return key_;
  }

  BytesStore& bytes_;
  std::string key_;  // Scratch.
  std::string value_;
};

}  // namespace weir
