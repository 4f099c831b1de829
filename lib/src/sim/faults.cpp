#include "sim/faults.h"

namespace weir::sim {

void Faults::script(Call call, Mishap mishap, std::uint32_t skip) {
  scripted_.push_back({call, mishap, skip});
}

void Faults::chance(Call call, Mishap mishap, std::uint32_t per_mille) {
  chances_[static_cast<std::size_t>(call)].push_back({mishap, per_mille});
}

void Faults::clear() {
  scripted_.clear();
  for (auto& list : chances_) list.clear();
}

Mishap Faults::next(Call call) {
  const Mishap found = draw(call);
  if (found != Mishap::kNone && listener_) listener_(call, found);
  if (found == Mishap::kDeathBefore) throw ProcessDied{call};
  return found;
}

Mishap Faults::draw(Call call) {
  Mishap found = Mishap::kNone;
  for (std::size_t i = 0; i < scripted_.size();) {
    Scripted& scripted = scripted_[i];
    if (scripted.call != call) {
      ++i;
    } else if (scripted.skip > 0) {
      --scripted.skip;
      ++i;
    } else {
      if (found == Mishap::kNone) found = scripted.mishap;
      scripted_.erase(scripted_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
  if (found != Mishap::kNone) return found;
  for (const Chance& chance : chances_[static_cast<std::size_t>(call)]) {
    if (random_.chance(chance.per_mille)) return chance.mishap;
  }
  return Mishap::kNone;
}

}  // namespace weir::sim
