#include <memory>
#include <utility>

#include "kafka/rdkafka_admin.h"
#include "kafka/rdkafka_config.h"
#include "kafka/rdkafka_consumer.h"
#include "kafka/rdkafka_producer.h"
#include "kafka/rdkafka_reader.h"

namespace weir::kafka {
namespace {

// Makes a client and hands it out as what it is an implementation of.
template <class Interface, class Client, class... Options>
Reply<std::unique_ptr<Interface>> make(const Options&... options) {
  auto client = std::make_unique<Client>();
  Outcome made = client->make(options...);
  if (!made.ok()) return made;
  return std::unique_ptr<Interface>(std::move(client));
}

class RdCluster final : public Cluster {
 public:
  explicit RdCluster(const RdkafkaOptions& options) : options_(options) {}

  Reply<std::unique_ptr<Consumer>> consumer(const ConsumerOptions& options) override {
    return make<Consumer, RdConsumer>(options_, options);
  }
  Reply<std::unique_ptr<Reader>> reader(const ReaderOptions& options) override {
    return make<Reader, RdReader>(options_, options);
  }
  Reply<std::unique_ptr<Producer>> producer(const ProducerOptions& options) override {
    return make<Producer, RdProducer>(options_, options);
  }
  Reply<std::unique_ptr<Admin>> admin() override { return make<Admin, RdAdmin>(options_); }

 private:
  const RdkafkaOptions options_;
};

}  // namespace

std::unique_ptr<Cluster> connect(const RdkafkaOptions& options) {
  return std::make_unique<RdCluster>(options);
}

}  // namespace weir::kafka
