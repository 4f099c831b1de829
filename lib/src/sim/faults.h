// What goes wrong in the simulated cluster, and when: by script, or by chance from a seed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "sim/random.h"

namespace weir::sim {

// A request that can go wrong.
enum class Call : std::uint8_t {
  kCommitted,
  kCommitOffsets,
  kInit,
  kOpen,
  kProduce,  // One record on its way to the log.
  kFlush,
  kSendOffsets,
  kCommit,
  kAbort,
  kAdmin,
};
inline constexpr std::size_t kCalls = 10;

enum class Mishap : std::uint8_t {
  kNone,
  kLostRequest,  // Nothing was applied; the caller hears kRetriable.
  kLostAnswer,   // It was applied; the caller hears kRetriable.
  kAbort,        // The transaction is lost.
  kFenced,       // The producer is fenced; its transaction was aborted.
  kFatal,        // The client is broken; its transaction stays open until it times out.
  kDeathBefore,  // The process dies as it asks: ProcessDied is thrown, nothing was applied.
  kDeathAfter,   // It was applied, and the process dies before it hears so.
};

// A SIGKILL in the middle of a request. Goes through the client and all that called it; whoever
// plays the process throws all of it away.
struct ProcessDied {
  Call call;
};

class Faults {
 public:
  explicit Faults(std::uint64_t seed) : random_(seed) {}

  // The `skip`-th next call from now meets `mishap`, once.
  void script(Call call, Mishap mishap, std::uint32_t skip = 0);
  // Every call meets `mishap` with this chance.
  void chance(Call call, Mishap mishap, std::uint32_t per_mille);
  void clear();

  // What this call meets. Throws ProcessDied for kDeathBefore.
  Mishap next(Call call);
  // Told of every mishap: for the story of a run.
  void listen(std::function<void(Call, Mishap)> listener) { listener_ = std::move(listener); }
  Random& random() { return random_; }

 private:
  struct Scripted {
    Call call;
    Mishap mishap;
    std::uint32_t skip;
  };
  struct Chance {
    Mishap mishap;
    std::uint32_t per_mille;
  };
  Mishap draw(Call call);

  Random random_;
  std::function<void(Call, Mishap)> listener_;
  std::vector<Scripted> scripted_;
  std::array<std::vector<Chance>, kCalls> chances_;
};

}  // namespace weir::sim
