// What is looked at and made before a job runs: the brokers, its topics, its group.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/layout.h"
#include "kafka/client.h"
#include <weir/app_status.h>
#include <weir/topology.h>

namespace weir::engine {

// What the client library complains about while nothing answers: the reason that a person needs.
// Noted from any thread.
class Complaints {
 public:
  void note(int level, std::string_view text);
  // The last one, or "".
  std::string last() const;
  // Whether the brokers refused the login.
  bool is_refused() const;

 private:
  mutable std::mutex mutex_;
  std::string last_;
  std::string refusal_;
};

struct StartOptions {
  LayoutOptions layout{};
  std::string brokers{};  // For messages.
  Duration wait{30'000};
  bool alone = false;               // No other member may be in the group.
  std::string own_members{};        // Static members whose name begins so are ours.
  const std::atomic<bool>* stop{};  // Give up with success.
};

struct Ground {
  Layout layout;
  std::vector<std::string> created;  // Topics that were missing.
};

// All that prepare() checks; nothing is made.
AppStatus check_ground(const Topology& topology, const StartOptions& options,
                       const Complaints& complaints, kafka::Admin& admin, Layout& layout);

// Checks everything, then makes the topics that are missing; on an error nothing was made, unless
// making failed halfway.
AppStatus prepare(const Topology& topology, const StartOptions& options,
                  const Complaints& complaints, kafka::Admin& admin, Ground& ground);

// What may help where brokers refused a login with these words, with such a client library.
std::string login_hint(std::string_view refusal, const std::string& client);

// Whether members that are not ours are in the group.
AppStatus check_alone(const std::string& job, const std::string& own_members, std::size_t ours_max,
                      kafka::Admin& admin);

}  // namespace weir::engine
