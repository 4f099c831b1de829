// Dead letters of tasks behind repartition topics: with a commit, each with its original bytes.

#include <utility>

#include "engine/worker.h"

namespace weir::engine {

void Worker::look_for_originals() {
  letters_.clear();
  std::vector<Origin> wanted;
  for (const auto& [id, running] : tasks_) {
    if (!running->in_commit) continue;
    for (const HeldLetter& letter : running->task->held_letters()) {
      letters_.emplace_back(running->task.get(), &letter);
      wanted.push_back(letter.origin());
    }
  }
  if (letters_.empty()) return;
  if (!originals_) originals_ = std::make_unique<Originals>(cluster_, layout_.subscription);
  originals_->begin(std::move(wanted), now_);
}

// False: not yet, the next turn goes on.
bool Worker::write_letters() {
  if (letters_.empty()) return true;
  const bool done = originals_->step(now_, [this](std::size_t at, const InputRecord* original) {
    letters_[at].first->send_letter(*letters_[at].second, original);
  });
  if (!done) return false;
  letters_.clear();
  return true;
}

}  // namespace weir::engine
