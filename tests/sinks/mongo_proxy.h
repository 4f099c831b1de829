// A TCP proxy that knows where MongoDB's messages begin and end, so that a test can break exactly
// the write it means. Everything else passes unchanged.
//
// message: int32 length, int32 id, int32 answered id, int32 opcode, body. Of opcode 2013 the body
// is int32 flags and sections: byte 0 and a document, or byte 1, int32 size, name and documents.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include <netinet/in.h>

namespace weir::tests {

class MongoProxy {
 public:
  enum class Fault {
    none,
    lose_request,  // The connection ends before the server has the command,
    half_request,  // or in the middle of it,
    lose_reply,    // or after it was applied.
    stall,         // Applied; there is no answer, and the connection stays.
    error,         // Refused as a whole with `code`, without asking the server.
    concern,       // Applied, with a write-concern error of `code` in the answer.
  };

  // As the primary of a replica set, if asked: then the driver makes each write again by itself.
  MongoProxy(const std::string& host, const std::string& port, bool as_replica_set = false);
  ~MongoProxy();

  int port() const { return port_; }
  // Breaks the next `times` commands that write, once `spared` others have passed.
  void break_next(Fault fault, int code = 0, int times = 1, int spared = 0);
  // Commands that write, since the start.
  int writes() const { return writes_; }

 private:
  struct Broken {
    Fault fault = Fault::none;
    int code = 0;
  };
  struct Link {
    int client = -1;
    int server = -1;
    std::mutex mutex;
    std::map<std::int32_t, Broken> waiting;  // By the id of the request.
  };

  void accept_all();
  void serve(int client);
  bool pass_request(Link& link, const std::string& message);
  bool pass_reply(Link& link, const std::string& message);
  Broken next_write();

  sockaddr_in server_{};
  const bool as_replica_set_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> writes_ = 0;
  std::mutex mutex_;
  Broken broken_;
  int times_ = 0;
  int spared_ = 0;
  std::list<Link> links_;
  std::list<std::thread> threads_;
};

}  // namespace weir::tests
