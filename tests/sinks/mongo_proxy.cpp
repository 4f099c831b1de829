#include "sinks/mongo_proxy.h"

#include <cstring>
#include <optional>
#include <stdexcept>

#include <bson/bson.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace weir::tests {

namespace {

constexpr std::size_t kHead = 16;
constexpr std::int32_t kReply = 1;
constexpr std::int32_t kMessage = 2013;

std::int32_t int32_at(const std::string& bytes, std::size_t at) {
  std::int32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

bool send_all(int socket, const char* from, std::size_t size) {
  while (size > 0) {
    const ssize_t sent = ::send(socket, from, size, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    from += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}
bool send_all(int socket, const std::string& bytes) {
  return send_all(socket, bytes.data(), bytes.size());
}

bool receive_all(int socket, char* to, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::recv(socket, to, size, 0);
    if (got <= 0) return false;
    to += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

std::optional<std::string> receive(int socket) {
  std::string message(kHead, '\0');
  if (!receive_all(socket, message.data(), kHead)) return {};
  const auto length = static_cast<std::size_t>(int32_at(message, 0));
  if (length < kHead || length > (64U << 20)) return {};
  message.resize(length);
  if (!receive_all(socket, message.data() + kHead, length - kHead)) return {};
  return message;
}

// The first key of a command is its name.
std::string command_of(const std::string& message) {
  if (int32_at(message, 12) != kMessage) return "";
  for (std::size_t at = kHead + 4; at + 5 < message.size();) {
    if (message[at] == 0) return message.c_str() + at + 6;
    at += 1 + static_cast<std::size_t>(int32_at(message, at + 1));
  }
  return "";
}

bool is_write(const std::string& command) {
  return command == "update" || command == "insert" || command == "delete";
}

// An answer in the form of the message that it is for.
std::string reply_to(std::int32_t id, bool modern, const bson_t& body) {
  std::string reply(kHead + (modern ? 5 : 20), '\0');
  if (!modern) reply[kHead + 16] = 1;
  reply.append(reinterpret_cast<const char*>(bson_get_data(&body)), body.len);
  const std::int32_t head[4] = {static_cast<std::int32_t>(reply.size()), 1, id,
                                modern ? kMessage : kReply};
  std::memcpy(reply.data(), head, sizeof head);
  return reply;
}

std::string error_reply(const std::string& request, int code) {
  bson_t body = BSON_INITIALIZER;
  BSON_APPEND_DOUBLE(&body, "ok", 0);
  BSON_APPEND_INT32(&body, "code", code);
  BSON_APPEND_UTF8(&body, "errmsg", "broken by the test");
  std::string reply = reply_to(int32_at(request, 4), true, body);
  bson_destroy(&body);
  return reply;
}

// The answer with more in it.
template <class Add>
std::string with(const std::string& message, Add add) {
  const bool modern = int32_at(message, 12) == kMessage;
  const std::size_t at = kHead + (modern ? 5 : 20);
  bson_t old;
  bson_t body = BSON_INITIALIZER;
  bson_init_static(&old, reinterpret_cast<const std::uint8_t*>(message.data() + at),
                   static_cast<std::size_t>(int32_at(message, at)));
  bson_copy_to_excluding_noinit(&old, &body, "setName", "hosts", "me",
                                "logicalSessionTimeoutMinutes", "writeConcernError", nullptr);
  add(&body);
  std::string reply = reply_to(int32_at(message, 8), modern, body);
  bson_destroy(&body);
  return reply;
}

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void without_delay(int socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

MongoProxy::MongoProxy(const std::string& host, const std::string& port, bool as_replica_set)
    : as_replica_set_(as_replica_set) {
  addrinfo wanted{};
  wanted.ai_family = AF_INET;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), port.c_str(), &wanted, &found) != 0) {
    throw std::runtime_error("there is no host '" + host + "'");
  }
  std::memcpy(&server_, found->ai_addr, sizeof server_);
  freeaddrinfo(found);
  listener_ = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener_, 64) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("the proxy cannot listen");
  }
  port_ = ntohs(address.sin_port);
  threads_.emplace_back([this] { accept_all(); });
}

MongoProxy::~MongoProxy() {
  shutdown(listener_, SHUT_RDWR);
  threads_.front().join();
  close(listener_);
  for (Link& link : links_) {
    shutdown(link.client, SHUT_RDWR);
    shutdown(link.server, SHUT_RDWR);
  }
  for (auto it = std::next(threads_.begin()); it != threads_.end(); ++it) it->join();
  for (Link& link : links_) {
    close(link.client);
    close(link.server);
  }
}

void MongoProxy::break_next(Fault fault, int code, int times, int spared) {
  const std::lock_guard lock(mutex_);
  spared_ = spared;
  broken_ = {fault, code};
  times_ = times;
}

MongoProxy::Broken MongoProxy::next_write() {
  const std::lock_guard lock(mutex_);
  ++writes_;
  if (times_ == 0 || spared_-- > 0) return {};
  spared_ = 0;
  --times_;
  return broken_;
}

void MongoProxy::accept_all() {
  for (;;) {
    const int client = accept(listener_, nullptr, nullptr);
    if (client < 0) return;
    serve(client);
  }
}

void MongoProxy::serve(int client) {
  const int server = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(server, reinterpret_cast<const sockaddr*>(&server_), sizeof server_) != 0) {
    close(server);
    close(client);
    return;
  }
  without_delay(client);
  without_delay(server);
  Link& link = links_.emplace_back();
  link.client = client;
  link.server = server;
  const auto pump = [this, &link](int from, bool (MongoProxy::*pass)(Link&, const std::string&)) {
    while (const auto message = receive(from)) {
      if (!(this->*pass)(link, *message)) break;
    }
    shutdown(link.client, SHUT_RDWR);
    shutdown(link.server, SHUT_RDWR);
  };
  threads_.emplace_back([pump, client] { pump(client, &MongoProxy::pass_request); });
  threads_.emplace_back([pump, server] { pump(server, &MongoProxy::pass_reply); });
}

bool MongoProxy::pass_request(Link& link, const std::string& message) {
  if (!is_write(command_of(message))) return send_all(link.server, message);
  const Broken broken = next_write();
  if (broken.fault == Fault::lose_request) return false;
  if (broken.fault == Fault::error) return send_all(link.client, error_reply(message, broken.code));
  if (broken.fault == Fault::half_request) {
    send_all(link.server, message.data(), message.size() / 2);
    return false;
  }
  if (broken.fault != Fault::none) {
    const std::lock_guard lock(link.mutex);
    link.waiting[int32_at(message, 4)] = broken;
  }
  return send_all(link.server, message);
}

bool MongoProxy::pass_reply(Link& link, const std::string& message) {
  Broken broken;
  {
    const std::lock_guard lock(link.mutex);
    if (auto found = link.waiting.extract(int32_at(message, 8))) broken = found.mapped();
  }
  if (broken.fault == Fault::lose_reply) return false;
  if (broken.fault == Fault::stall) return true;
  if (broken.fault == Fault::concern) {
    return send_all(link.client, with(message, [&](bson_t* body) {
                      bson_t error;
                      BSON_APPEND_DOCUMENT_BEGIN(body, "writeConcernError", &error);
                      BSON_APPEND_INT32(&error, "code", broken.code);
                      BSON_APPEND_UTF8(&error, "errmsg", "broken by the test");
                      bson_append_document_end(body, &error);
                    }));
  }
  const bool hello = memmem(message.data(), message.size(), "maxWireVersion", 14) != nullptr;
  if (!as_replica_set_ || !hello) return send_all(link.client, message);
  return send_all(link.client, with(message, [&](bson_t* body) {
                    const std::string me = "127.0.0.1:" + std::to_string(port_);
                    bson_t hosts;
                    BSON_APPEND_UTF8(body, "setName", "proxy");
                    BSON_APPEND_UTF8(body, "me", me.c_str());
                    BSON_APPEND_ARRAY_BEGIN(body, "hosts", &hosts);
                    BSON_APPEND_UTF8(&hosts, "0", me.c_str());
                    bson_append_array_end(body, &hosts);
                    BSON_APPEND_INT32(body, "logicalSessionTimeoutMinutes", 30);
                  }));
}

}  // namespace weir::tests
