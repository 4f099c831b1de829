// By whose hand records of one key lie in one partition.
#pragma once

#include <concepts>
#include <string>

namespace weir {

enum class KeyedBy {
  producers,    // Of the topics that are read: the key's bytes as its serde writes them.
  repartition,  // A repartition topic. Of text the bytes are the same, so that is `producers`.
  nobody,       // The key was changed.
};

namespace detail {

// Records of a repartition topic are partitioned by their KeySerde bytes. Only of text are these
// the bytes that any producer writes, so of other keys both sides go through a topic or none.
template <class K>
inline constexpr bool kKeyAsProduced = std::same_as<K, std::string>;

}  // namespace detail

}  // namespace weir
