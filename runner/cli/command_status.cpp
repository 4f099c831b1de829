#include <chrono>
#include <thread>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/numbers.h"
#include "expression/json_text.h"
#include "http/server.h"

namespace weir::cli {

namespace {

// Until the probe says yes; the last answer otherwise.
Result<http::Answer> wait_for(const std::string& url, const std::string& path,
                              std::int64_t timeout_ms) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  for (;;) {
    Result<http::Answer> answer = http::get(url, path);
    if (answer && answer->status == 200) return answer;
    if (std::chrono::steady_clock::now() >= end) return answer;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

std::string plain(std::string_view json) {
  if (json.size() >= 2 && json.front() == '"') json = json.substr(1, json.size() - 2);
  return std::string(json);
}

std::string as_text(std::string_view json) {
  std::string out;
  expression::JsonWalk jobs(json);
  while (jobs.next()) {
    std::string line;
    expression::JsonWalk fields(jobs.value());
    while (fields.next()) {
      if (fields.key() == "inputs") continue;
      if (fields.key() == "job") {
        line = plain(fields.value());
      } else if (fields.key() == "state") {
        line += "  " + plain(fields.value());
      } else if (fields.value().starts_with("{")) {
        for (expression::JsonWalk counts(fields.value()); counts.next();) {
          line += "  " + std::string(fields.key()) + "." + std::string(counts.key()) + " " +
                  plain(counts.value());
        }
      } else {
        line += "  " + std::string(fields.key()) + " " + plain(fields.value());
      }
    }
    out += line + "\n";
  }
  return out;
}

}  // namespace

int status(const Call& call, Terminal& terminal) {
  const std::string url = call.value_or("--url", "http://127.0.0.1:9464");
  if (call.has("--timeout") && !duration_of(call, "--timeout")) {
    return terminal.complain("weir status: --timeout takes a duration such as 2m"), kUsage;
  }
  if (const auto what = call.value("--wait")) {
    const std::string path = *what == "ready" ? "/readyz" : "/livez";
    const auto answer = wait_for(url, path, duration_of(call, "--timeout").value_or(120'000));
    if (!answer) return terminal.complain("weir status: " + answer.error().text), kUnreachable;
    if (answer->status != 200) {
      return terminal.complain("weir status: not " + *what + ": " + answer->body), kTryAgain;
    }
  }
  const Result<http::Answer> answer = http::get(url, "/api/v1/job");
  if (!answer) return terminal.complain("weir status: " + answer.error().text), kUnreachable;
  if (answer->status != 200) {
    return terminal.complain("weir status: " + url + " is no weir"), kUnreachable;
  }
  terminal.print(call.value_or("--output", "text") == "json" ? answer->body
                                                             : as_text(answer->body));
  return kGood;
}

}  // namespace weir::cli
