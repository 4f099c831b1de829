// A store that outlives the state above it, for tests of operators' states.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "state/environment.h"
#include "state/memory_disk.h"

namespace weir::detail {

class OperatorWorld : public testing::Test {
 protected:
  state::Store& store() { return environment_->store("rows"); }
  void commit() {
    environment_->commit({});
    environment_->flush();
  }
  // What was not committed is gone.
  void reopen() {
    environment_.reset();
    environment_ = state::open_memory(files_);
  }
  std::size_t rows() {
    std::size_t count = 0;
    store().scan({}, {}, [&](Bytes, Bytes) {
      ++count;
      return true;
    });
    return count;
  }

 private:
  state::MemoryFiles files_;
  std::unique_ptr<state::Environment> environment_ = state::open_memory(files_);
};

}  // namespace weir::detail
