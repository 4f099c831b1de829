// The partition of a key, as Java's clients choose it, so that weir and Java producers agree.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::kafka {

// MurmurHash2, 32 bits, with the seed that Kafka's Java client uses.
std::uint32_t murmur2(std::string_view bytes);

// Java: `toPositive(murmur2(key)) % partitions`. REQUIRES: partitions > 0.
inline std::int32_t partition_of(std::string_view key, std::int32_t partitions) {
  return static_cast<std::int32_t>(murmur2(key) & 0x7fffffffU) % partitions;
}

}  // namespace weir::kafka
