// A real Kafka behind librdkafka as the world of the contract tests. The brokers are somebody
// else's business: see with_kafka.sh.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <thread>

#include <unistd.h>

#include "broker/world.h"
#include "kafka/rdkafka_config.h"

namespace weir::tests {
namespace {

class KafkaWorld final : public World {
 public:
  explicit KafkaWorld(const std::string& brokers)
      : World("-" + std::to_string(getpid()) + "-" + std::to_string(wall_clock() % 1'000'000)) {
    options_.brokers = brokers;
    options_.properties = {{"topic.metadata.refresh.interval.ms", "1000"},
                           {"heartbeat.interval.ms", "200"}};
    const char* extra = std::getenv("WEIR_TEST_DEBUG");
    if (extra != nullptr) options_.properties.emplace_back("debug", extra);
    options_.log = [](int level, std::string_view text) {
      static_cast<void>(level);
      std::cerr << std::string(text) + "\n";
    };
  }

  std::unique_ptr<kafka::Cluster> connect() override { return kafka::connect(options_); }
  void pass(Duration time) override { std::this_thread::sleep_for(time); }
  Timestamp now() const override { return wall_clock(); }
  Duration session() const override { return Duration{2'000}; }

 private:
  static Timestamp wall_clock() {
    return std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
  kafka::RdkafkaOptions options_;
};

const char* brokers() { return std::getenv("WEIR_TEST_BROKERS"); }

}  // namespace

World* world() {
  static const std::unique_ptr<KafkaWorld> world =
      brokers() == nullptr ? nullptr : std::make_unique<KafkaWorld>(brokers());
  return world.get();
}

std::string world_missing() { return "WEIR_TEST_BROKERS is not set"; }

}  // namespace weir::tests
