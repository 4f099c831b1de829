// Names of internal topics: chosen by rule from what the user named, never from counters.
#pragma once

#include <string>
#include <string_view>

namespace weir::engine {

inline std::string changelog_topic(std::string_view job, std::string_view store) {
  return std::string(job) + "-" + std::string(store) + "-changelog";
}
inline std::string repartition_topic(std::string_view job, std::string_view name) {
  return std::string(job) + "-" + std::string(name) + "-repartition";
}

}  // namespace weir::engine
