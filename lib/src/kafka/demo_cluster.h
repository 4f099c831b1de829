// A cluster inside this process for demonstrations: librdkafka's mock brokers.
//
// At least once only: the mock has no transactions, keeps 5 MiB of each partition and forgets the
// rest, and dies with the process. Producers with a transactional id are refused here.
//
//   auto demo = make_demo_cluster({});
//   Options{.brokers = demo.value->brokers()} ... other clients of the same process may join in.
#pragma once

#include <memory>
#include <string>

#include "kafka/rdkafka_config.h"

namespace weir::kafka {

class DemoCluster : public Cluster {
 public:
  // Where other clients, of any process on this machine, find it.
  virtual const std::string& brokers() const = 0;
};

// `options.brokers` is not looked at.
Reply<std::unique_ptr<DemoCluster>> make_demo_cluster(const RdkafkaOptions& options);

}  // namespace weir::kafka
