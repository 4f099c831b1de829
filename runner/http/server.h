// A small HTTP server for probes and metrics, and a client for `weir status`.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include <weir/error.h>

namespace weir::http {

struct Answer {
  int status = 200;
  std::string type = "application/json";
  std::string body{};
};

// What was asked of a page.
struct Query {
  std::map<std::string, std::string> values{};  // "?name=value&..."
  std::string rest{};                           // What the '*' of the page's path stands for.

  std::string value_or(const std::string& name, std::string otherwise) const {
    const auto found = values.find(name);
    return found == values.end() ? std::move(otherwise) : found->second;
  }
};

// A function of the query, or one that needs none.
class Page {
 public:
  Page() = default;
  template <class F>
  requires std::is_invocable_r_v<Answer, F> Page(F answer)
      : answer_([answer](const Query&) { return answer(); }) {}
  template <class F>
  requires std::is_invocable_r_v<Answer, F, const Query&> Page(F answer)
      : answer_(std::move(answer)) {}
  Answer operator()(const Query& query) const { return answer_(query); }

 private:
  std::function<Answer(const Query&)> answer_;
};
// By path; one that ends with '*' stands for all that begin so.
using Pages = std::map<std::string, Page>;

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
