// The stores of all tasks of this process, for those who read them from other threads.
#pragma once

#include <map>
#include <mutex>
#include <shared_mutex>

#include "engine/task.h"
#include "state/environment.h"
#include <weir/error.h>

namespace weir::engine {

// A task puts its stores here while they are open. Who reads holds up their closing, so he keeps it
// short; processing goes on meanwhile.
class StoreShelf {
 public:
  // With null: takes them away, and waits until nobody reads.
  void put(TaskId id, state::Environment* stores);

  Result<std::optional<std::string>> get(std::string_view store, Bytes key) const;
  Status scan(std::string_view store, int partition, Bytes from, Bytes to,
              BytesStore::Visit visit) const;

 private:
  mutable std::shared_mutex mutex_;
  std::map<TaskId, state::Environment*> open_;
};

}  // namespace weir::engine
