// One run: the job of a seed, in the world of that seed, and whether what came out is right.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <weir/time.h>

namespace weir::simulation {

using Listener = std::function<void(Timestamp, const std::string&)>;

// Empty when all is well; else what is wrong, in a few lines. The listener, if any, hears the
// story.
std::string run(std::uint64_t seed, const Listener& listener = {});

// The job and its world in words.
std::string describe(std::uint64_t seed);

}  // namespace weir::simulation
