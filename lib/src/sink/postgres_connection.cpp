#include "sink/postgres_connection.h"

#include <cstring>

#include <poll.h>

#include "sink/address.h"

namespace weir::sink {

namespace {

using What = PostgresAnswer::What;

constexpr std::chrono::milliseconds kConnectWait{2000};
constexpr std::chrono::milliseconds kStatementWait{8000};

// Messages have a line for each of their parts.
std::string one_line(const char* message) {
  std::string text = message;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  return text;
}

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PgResult = std::unique_ptr<PGresult, ClearResult>;

std::string option_of(const Options& options, const char* name) {
  for (const PQconninfoOption* one = options.get(); one != nullptr && one->keyword; ++one) {
    if (std::strcmp(one->keyword, name) == 0 && one->val != nullptr) return one->val;
  }
  return "";
}

std::string text_field(const PGresult* result, int field) {
  const char* text = PQresultErrorField(result, field);
  return text != nullptr ? one_line(text) : "";
}

void take_notice(void* log, const PGresult* result) {
  const SinkLog& to = *static_cast<const SinkLog*>(log);
  if (to) to(5, "PostgreSQL: " + text_field(result, PG_DIAG_MESSAGE_PRIMARY));
}

// As many places without a server as an address has hosts.
std::string nowhere(const std::string& hosts) {
  std::string places = "/nowhere";
  for (const char c : hosts) {
    if (c == ',') places += ",/nowhere";
  }
  return places;
}

// The option whose value libpq does not take. Of its words about that only the name is shown: who
// writes a password into the wrong place makes it the value.
Error wrong_option(const Options& options, const std::string& fault) {
  for (const PQconninfoOption* one = options.get(); one != nullptr && one->keyword; ++one) {
    const std::string name = one->keyword;
    const bool named = fault.find("invalid " + name + ' ') != std::string::npos ||
                       fault.find("option \"" + name + '"') != std::string::npos;
    if (!named) continue;
    std::string hint = "libpq's manual says what it may be, among its connection parameters";
    if (name == "sslmode") hint = "disable, allow, prefer, require, verify-ca or verify-full";
    if (name == "port") hint = "a number from 1 to 65535; 5432 when it is left out";
    return Error{"'" + name + "' in the address of the PostgreSQL server is wrong", hint};
  }
  return Error{"the options in the address of the PostgreSQL server do not fit together",
               "as many ports as hosts, or one; what does not need the other"};
}

// Values are read only when a connection begins: here it leads nowhere.
Status check_values(const std::string& uri, const Options& options) {
  if (!option_of(options, "hostaddr").empty()) return {};  // It would be gone to.
  const std::string places = nowhere(option_of(options, "host"));
  const char* const names[] = {"dbname", "host", "passfile", nullptr};
  const char* const values[] = {uri.c_str(), places.c_str(), "/nowhere/file", nullptr};
  PGconn* const connection = PQconnectStartParams(names, values, 1);
  const std::string fault = connection == nullptr ? "" : one_line(PQerrorMessage(connection));
  PQfinish(connection);
  const bool wrong = fault.find("invalid ") != std::string::npos ||
                     fault.find("could not match ") != std::string::npos;
  return wrong ? Status(wrong_option(options, fault)) : Status();
}

}  // namespace

What meaning_of(const std::string& sqlstate) {
  const std::string kind = sqlstate.substr(0, 2);
  // Besides what a row's own values break: what a view asks of it, what does not fit into a page or
  // an index, what a trigger says.
  for (const char* of_a_row : {"22", "23", "44", "54", "P0"}) {
    if (kind == of_a_row) return What::kBadRow;
  }
  if (sqlstate == "21000") return What::kBadRow;
  if (kind == "28" || kind == "3D" || kind == "42" || kind == "0A") return What::kNever;
  return What::kAgain;
}

Status PostgresConnection::check_address(const std::string& uri) {
  if (Status clear = check_login(uri); !clear) return clear;
  char* fault = nullptr;
  const Options options(PQconninfoParse(uri.c_str(), &fault));
  if (options) return check_values(uri, options);
  // The message may quote the address.
  PQfreemem(fault);
  return Error{"this is no address of a PostgreSQL server",
               "postgresql://user@host:5432/database, or host=... dbname=..."};
}

PostgresConnection::PostgresConnection(std::string uri, SinkLog log)
    : uri_(std::move(uri)), log_(std::move(log)) {
  const Options options(PQconninfoParse(uri_.c_str(), nullptr));
  password_ = option_of(options, "password");
  const std::string host = option_of(options, "host");
  const std::string port = option_of(options, "port");
  host_ = (host.empty() ? "localhost" : host) + ":" + (port.empty() ? "5432" : port);
}

void PostgresConnection::close() {
  PQfinish(connection_);
  connection_ = nullptr;
}

std::string PostgresConnection::without_secrets(std::string text) const {
  if (password_.empty()) return text;
  for (std::size_t at = 0; (at = text.find(password_, at)) != std::string::npos; at += 3) {
    text.replace(at, password_.size(), "***");
  }
  return text;
}

PostgresAnswer PostgresConnection::broken(std::string why) {
  if (connection_ != nullptr && why.empty()) why = one_line(PQerrorMessage(connection_));
  close();
  return {What::kAgain, without_secrets(std::move(why)), {}};
}

bool PostgresConnection::wait(bool to_write, Clock::time_point deadline) const {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  if (left <= 0) return false;
  pollfd socket{PQsocket(connection_), static_cast<short>(POLLIN | (to_write ? POLLOUT : 0)), 0};
  return socket.fd >= 0 && poll(&socket, 1, static_cast<int>(left)) > 0;
}

bool PostgresConnection::connect(PostgresAnswer& answer) {
  if (connection_ != nullptr && PQstatus(connection_) == CONNECTION_OK) return true;
  close();
  const char* const names[] = {"dbname", "fallback_application_name", nullptr};
  const char* const values[] = {uri_.c_str(), "weir", nullptr};
  connection_ = PQconnectStartParams(names, values, 1);
  const auto deadline = Clock::now() + kConnectWait;
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (PQstatus(connection_) != CONNECTION_BAD && state != PGRES_POLLING_OK) {
    if (state == PGRES_POLLING_FAILED) break;
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd socket{PQsocket(connection_),
                  static_cast<short>(state == PGRES_POLLING_WRITING ? POLLOUT : POLLIN), 0};
    if (left <= 0 || poll(&socket, 1, static_cast<int>(left)) <= 0) {
      answer = broken("no connection within 2 s");
      return false;
    }
    state = PQconnectPoll(connection_);
  }
  if (state == PGRES_POLLING_OK && PQstatus(connection_) == CONNECTION_OK) {
    ++number_;
    PQsetNoticeReceiver(connection_, take_notice, const_cast<SinkLog*>(&log_));
    PQsetnonblocking(connection_, 1);
    return true;
  }
  answer = broken("");
  // A refused login has no SQLSTATE here; only its words tell it from a server that starts.
  for (const char* words : {"authentication failed", "no password supplied", "no pg_hba.conf entry",
                            "does not exist"}) {
    if (answer.why.find(words) != std::string::npos) answer.what = What::kNever;
  }
  return false;
}

bool PostgresConnection::finish(Clock::time_point deadline) {
  for (int left = 1; left != 0;) {
    left = PQflush(connection_);
    if (left < 0) return false;
    if (left > 0 && !wait(true, deadline)) return false;
    if (left > 0 && PQconsumeInput(connection_) == 0) return false;
  }
  while (PQisBusy(connection_) != 0) {
    if (!wait(false, deadline) || PQconsumeInput(connection_) == 0) return false;
  }
  return true;
}

PostgresAnswer PostgresConnection::run(const std::string& sql,
                                       const std::vector<const char*>& parameters) {
  PostgresAnswer answer;
  if (!connect(answer)) return answer;
  if (PQsendQueryParams(connection_, sql.c_str(), static_cast<int>(parameters.size()), nullptr,
                        parameters.data(), nullptr, nullptr, 0) == 0) {
    return broken("");
  }
  const auto deadline = Clock::now() + kStatementWait;
  for (bool first = true;; first = false) {
    if (!finish(deadline)) {
      return broken(Clock::now() >= deadline ? "no answer within 8 s" : "");
    }
    const PgResult result(PQgetResult(connection_));
    if (!result) return answer;
    if (first) answer = read_result(result.get());
    if (connection_ == nullptr) return answer;
  }
}

PostgresAnswer PostgresConnection::read_result(PGresult* result) {
  PostgresAnswer answer;
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_COMMAND_OK) return answer;
  if (status == PGRES_TUPLES_OK) {
    for (int row = 0; row < PQntuples(result); ++row) {
      std::vector<std::string>& values = answer.rows.emplace_back();
      for (int column = 0; column < PQnfields(result); ++column) {
        values.emplace_back(PQgetvalue(result, row, column));
      }
    }
    return answer;
  }
  const std::string state = text_field(result, PG_DIAG_SQLSTATE);
  const std::string detail = text_field(result, PG_DIAG_MESSAGE_DETAIL);
  std::string why = text_field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (!detail.empty()) why += ": " + detail;
  const bool gone = state.empty() || state.starts_with("57P0") || state.starts_with("08") ||
                    state == "25006" || PQstatus(connection_) == CONNECTION_BAD;
  if (gone) return broken(why + (state.empty() ? "" : " (" + state + ")"));
  return {meaning_of(state), without_secrets(why + " (" + state + ")"), {}};
}

}  // namespace weir::sink
