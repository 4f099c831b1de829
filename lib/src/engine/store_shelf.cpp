#include "engine/store_shelf.h"

#include <memory>
#include <string>

namespace weir::engine {

namespace {

Error not_here(std::string_view store) {
  return {"no task with the store '" + std::string(store) + "' runs here",
          "another instance may have it, or nothing was written to the disk yet"};
}

}  // namespace

void StoreShelf::put(TaskId id, state::Environment* stores) {
  const std::unique_lock lock(mutex_);
  if (stores == nullptr) {
    open_.erase(id);
  } else {
    open_[id] = stores;
  }
}

Result<std::optional<std::string>> StoreShelf::get(std::string_view store, Bytes key) const {
  const std::shared_lock lock(mutex_);
  bool known = false;
  try {
    for (const auto& [id, stores] : open_) {
      const std::unique_ptr<state::Snapshot> snapshot = stores->snapshot();
      if (!snapshot->position(store)) continue;
      known = true;
      if (const auto value = snapshot->get(store, key)) return std::optional(std::string(*value));
    }
  } catch (const BrokenWorld& broken) {
    return Error{broken.what()};
  }
  if (!known) return not_here(store);
  return std::optional<std::string>();
}

Status StoreShelf::scan(std::string_view store, int partition, Bytes from, Bytes to,
                        BytesStore::Visit visit) const {
  const std::shared_lock lock(mutex_);
  try {
    for (const auto& [id, stores] : open_) {
      if (id.partition != partition) continue;
      const std::unique_ptr<state::Snapshot> snapshot = stores->snapshot();
      if (!snapshot->position(store)) continue;
      snapshot->scan(store, from, to, visit);
      return {};
    }
  } catch (const BrokenWorld& broken) {
    return Error{broken.what()};
  }
  return not_here(store);
}

}  // namespace weir::engine
