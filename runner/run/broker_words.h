// What librdkafka says about its connections, for people.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <weir/time.h>

namespace weir::run {

// Without the names of threads, states and protocols that librdkafka wraps its words in:
//
//   FAIL: [thrd:ssl://a:1/bootstrap]: ssl://a:1/bootstrap: Connect to ipv4#a:1 failed: Connection
//   refused (after 0ms in state CONNECT)
//   a:1: Connect to a:1 failed: Connection refused
//
// Text without such wrapping stays as it is.
std::string plain_words(std::string_view text);

// Of a flood of complaints the lines that tell something new.
class BrokerWords {
 public:
  // What to show of `text`: nothing when it repeats what another line says, or was said within the
  // last half minute.
  std::optional<std::string> told(std::string_view text, Timestamp now);

 private:
  std::map<std::string, Timestamp, std::less<>> said_;
};

}  // namespace weir::run
