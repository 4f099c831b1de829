#include "http/server.h"

#include <atomic>
#include <charconv>
#include <thread>

#include <httplib.h>

namespace weir::http {

namespace {

struct Address {
  std::string host = "127.0.0.1";
  int port = 0;
};

Result<Address> parse(const std::string& text) {
  Address address;
  const std::size_t colon = text.rfind(':');
  const std::string port = colon == std::string::npos ? text : text.substr(colon + 1);
  if (colon != std::string::npos && colon > 0) address.host = text.substr(0, colon);
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  const auto [end, failed] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (failed != std::errc() || end != port.data() + port.size() || address.port < 0 ||
      address.port > 65'535) {
    return Error{"'" + text + "' is no address such as 127.0.0.1:9464"};
  }
  return address;
}

// The server takes a path as a regular expression.
std::string pattern_of(const std::string& path) {
  if (!path.ends_with('*')) return path;
  return path.substr(0, path.size() - 1) + "(.*)";
}

Query query_of(const httplib::Request& request) {
  Query query;
  for (const auto& [name, value] : request.params) query.values[name] = value;
  if (request.matches.size() > 1) query.rest = request.matches[1].str();
  return query;
}

class Listening final : public Server {
 public:
  explicit Listening(Pages pages) : pages_(std::move(pages)) {
    for (const auto& at : pages_) {
      server_.Get(pattern_of(at.first),
                  [&at](const httplib::Request& request, httplib::Response& response) {
                    Answer answer = at.second(query_of(request));
                    response.status = answer.status;
                    response.set_content(std::move(answer.body), answer.type.c_str());
                  });
    }
    // Few askers, and none may hold a thread for long.
    server_.new_task_queue = [] { return new httplib::ThreadPool(2); };
    server_.set_read_timeout(2, 0);
    server_.set_write_timeout(5, 0);
    server_.set_keep_alive_max_count(20);
    server_.set_payload_max_length(0);
    server_.set_socket_options([](socket_t socket) {
      const int yes = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
  }
  ~Listening() override {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }

  bool bind(const Address& address) {
    int port = address.port;
    if (port == 0) {
      port = server_.bind_to_any_port(address.host.c_str());
      if (port < 0) return false;
    } else if (!server_.bind_to_port(address.host.c_str(), port)) {
      return false;
    }
    url_ = "http://" + address.host + ":" + std::to_string(port);
    thread_ = std::thread([this] {
      server_.listen_after_bind();
      ended_ = true;
    });
    // Until it runs, stop() would find nothing to stop, and the thread would listen for ever.
    while (!server_.is_running() && !ended_) std::this_thread::yield();
    return true;
  }
  const std::string& url() const override { return url_; }

 private:
  Pages pages_;
  httplib::Server server_;
  std::thread thread_;
  std::atomic<bool> ended_ = false;
  std::string url_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::listen(const std::string& address, Pages pages) {
  const Result<Address> parsed = parse(address);
  if (!parsed) return parsed.error();
  auto server = std::make_unique<Listening>(std::move(pages));
  if (!server->bind(*parsed)) {
    return Error{"cannot listen on " + address, "another --http ADDRESS, or --http off"};
  }
  return std::unique_ptr<Server>(std::move(server));
}

Result<Answer> get(const std::string& url, const std::string& path) {
  if (!url.starts_with("http://")) return Error{"'" + url + "' is no http:// address"};
  httplib::Client client(url);
  client.set_connection_timeout(3, 0);
  client.set_read_timeout(5, 0);
  const httplib::Result result = client.Get(path.c_str());
  if (!result) return Error{"nobody answers at " + url};
  return Answer{.status = result->status,
                .type = result->get_header_value("Content-Type"),
                .body = result->body};
}

}  // namespace weir::http
