// The simulated cluster as the world of the contract tests.
#include "broker/world.h"
#include "sim/sim_cluster.h"

namespace weir::tests {
namespace {

class SimWorld final : public World {
 public:
  SimWorld() : World(""), cluster_(1, 1'700'000'000'000) {}

  std::unique_ptr<kafka::Cluster> connect() override { return cluster_.connect(); }
  void pass(Duration time) override { cluster_.advance_to(later(cluster_.now(), time)); }
  Timestamp now() const override { return cluster_.now(); }
  Duration session() const override { return Duration{2'000}; }

 private:
  sim::SimCluster cluster_;
};

}  // namespace

World* world() {
  static SimWorld world;
  return &world;
}

std::string world_missing() { return {}; }

}  // namespace weir::tests
