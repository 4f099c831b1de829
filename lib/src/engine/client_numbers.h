// What the clients of Kafka say of themselves and of the brokers: the few numbers of librdkafka's
// statistics that tell a slow network from a slow job.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <weir/app_snapshot.h>

namespace weir::engine {

class ClientNumbers {
 public:
  // The statistics of one client, as librdkafka writes them. From any thread. What cannot be read
  // is passed over: nothing hangs on it.
  void take(std::string_view statistics);

  // The clients of each kind, all together.
  std::vector<AppSnapshot::Client> all() const;

 private:
  mutable std::mutex mutex_;
  struct Told {
    AppSnapshot::Client client;
    std::uint64_t at = 0;  // In seconds.
  };
  std::map<std::string, Told> clients_;  // By the client's name.
};

}  // namespace weir::engine
