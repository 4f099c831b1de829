// A small HTTP server for probes and metrics, and a client for `weir status`.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include <weir/error.h>

namespace weir::http {

struct Answer {
  int status = 200;
  std::string type = "application/json";
  std::string body{};
};
using Pages = std::map<std::string, std::function<Answer()>>;

// Answers GET from threads of its own until it is destroyed.
class Server {
 public:
  virtual ~Server() = default;
  virtual const std::string& url() const = 0;  // "http://127.0.0.1:9464"

  // `address`: host:port, :port or port; port 0 takes a free one. An Error when it cannot listen.
  // REQUIRES: what the pages refer to outlives the server. They are called from several threads.
  static Result<std::unique_ptr<Server>> listen(const std::string& address, Pages pages);
};

// GET of `url` + `path`. An Error when nobody answers within some seconds.
Result<Answer> get(const std::string& url, const std::string& path);

}  // namespace weir::http
