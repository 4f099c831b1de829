// What a JSON binding is made of; see json.h for how to write one.
#pragma once

#include <string_view>

#include <weir/time_format.h>

namespace weir {

// The binding of T: specialise it with a tuple `fields`.
template <class T>
struct JsonOf {
  using NotBound = void;
};

// T has a binding. True already inside the binding itself, so that a type may contain a vector of
// its own.
template <class T>
concept JsonBound = !requires {
  typename JsonOf<T>::NotBound;
};

template <class T, class M>
struct JsonField {
  using Member = M;
  std::string_view name;
  M T::*member;
};

template <class T, class M>
struct JsonTimeField {
  using Member = M;
  std::string_view name;
  M T::*member;
  EpochUnit unit;
  std::string_view zone;
};

}  // namespace weir
