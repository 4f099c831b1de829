#include <chrono>
#include <thread>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/numbers.h"
#include "cli/status_text.h"
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
  const bool as_json = call.value_or("--output", "text") == "json";
  terminal.print(as_json ? answer->body
                         : status_text(answer->body, now_ms(), Terminal::columns(stdout)));
  return kGood;
}

}  // namespace weir::cli
