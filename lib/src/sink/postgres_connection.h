// A connection to a PostgreSQL server that never waits for ever.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <libpq-fe.h>

#include <weir/error.h>
#include <weir/sink_column.h>

namespace weir::sink {

// What became of a statement, by its SQLSTATE:
//
//   22... 23... 21000        kBadRow   a value, a constraint, the same id twice
//   28... 3D... 42... 0A...  kNever    login, database, permission, no such column
//   57P0. 08... none         kAgain    on a new connection: written or not, the id knows
//   25006                    kAgain    on a new one, too: the server became a standby, and another
//                                      one of the address may be the primary now
//   all others               kAgain    40001, 40P01, 55P03, 57014, 53...
struct PostgresAnswer {
  enum class What { kDone, kBadRow, kAgain, kNever };
  What what = What::kDone;
  std::string why{};
  std::vector<std::vector<std::string>> rows{};  // Of a query; null is "".
};

PostgresAnswer::What meaning_of(const std::string& sqlstate);

class PostgresConnection {
 public:
  // The address is good, or an Error that says why not, without the password.
  static Status check_address(const std::string& uri);

  PostgresConnection(std::string uri, SinkLog log);
  ~PostgresConnection() { close(); }
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;

  // Connects if need be. Parameters as text.
  PostgresAnswer run(const std::string& sql, const std::vector<const char*>& parameters);
  void close();

  // "host:5432": fit to be shown.
  const std::string& host() const { return host_; }
  // Counts connections: what was learned over another one may be out of date.
  int number() const { return number_; }

 private:
  using Clock = std::chrono::steady_clock;

  bool connect(PostgresAnswer& answer);
  bool wait(bool to_write, Clock::time_point deadline) const;
  // Sends all and reads until the result is there. False: not in time, or broken.
  bool finish(Clock::time_point deadline);
  PostgresAnswer read_result(PGresult* result);
  PostgresAnswer broken(std::string why);
  std::string without_secrets(std::string text) const;

  const std::string uri_;
  const SinkLog log_;
  std::string host_;
  std::string password_;
  PGconn* connection_ = nullptr;
  int number_ = 0;
};

}  // namespace weir::sink
