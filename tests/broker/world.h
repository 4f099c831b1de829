// A cluster under test: the simulated one or a real one. The contract tests run over both, so that
// what the model says is what Kafka does.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "kafka/client.h"

namespace weir::tests {

class World {
 public:
  virtual ~World() = default;

  // A new process's way to the cluster.
  virtual std::unique_ptr<kafka::Cluster> connect() = 0;
  // Lets time pass: the virtual clock jumps, or the test waits.
  virtual void pass(Duration time) = 0;
  virtual Timestamp now() const = 0;
  // The shortest session that the brokers allow.
  virtual Duration session() const = 0;

  // A name that no other test uses.
  std::string unique(std::string_view name) {
    return std::string(name) + "-" + std::to_string(++names_) + run_;
  }
  // Calls `done` until it is true, at most for `limit`.
  bool until(const std::function<bool()>& done, Duration limit = Duration{30'000}) {
    for (const Timestamp end = later(now(), limit); now() < end; pass(Duration{10})) {
      if (done()) return true;
    }
    return done();
  }

 protected:
  explicit World(std::string run) : run_(std::move(run)) {}

 private:
  std::string run_;  // Tells runs on the same cluster apart.
  int names_ = 0;
};

// The world of this test program; null when it cannot run here.
World* world();
// Why it cannot.
std::string world_missing();

}  // namespace weir::tests
