#include "cli/running_url.h"

#include <filesystem>

#include "cli/exit_code.h"
#include "cli/job_file.h"
#include "cli/json_view.h"
#include "http/server.h"

namespace weir::cli {

namespace {

constexpr const char* kUsual = "127.0.0.1:9464";

bool is_file(const std::string& operand) {
  std::error_code failed;
  return operand.ends_with(".yaml") || operand.ends_with(".yml") ||
         std::filesystem::is_regular_file(operand, failed);
}

std::string url_of(std::string listen) {
  if (listen.find(':') == std::string::npos) listen = "127.0.0.1:" + listen;
  if (listen.starts_with(':')) listen = "127.0.0.1" + listen;
  return "http://" + listen;
}

}  // namespace

std::optional<RunningTarget> running_target(const Call& call, const std::string& operand,
                                            Terminal& terminal, int& code) {
  RunningTarget target{.url = url_of(kUsual), .job = operand};
  if (!operand.empty() && is_file(operand)) {
    const Result<job::LoadOptions> options = load_options(call);
    const JobFile file = read_job(operand, options ? *options : job::LoadOptions{});
    if (code = report(file, terminal); code != kGood) return std::nullopt;
    target.job = file.loaded.plan->name;
    if (file.loaded.plan->http.listen != "off") target.url = url_of(file.loaded.plan->http.listen);
  }
  target.url = call.value_or("--url", target.url);
  return target;
}

std::optional<std::string> ask(const std::string& command, const std::string& url,
                               const std::string& path, Terminal& terminal, int& code) {
  const Result<http::Answer> answer = http::get(url, path);
  if (!answer) {
    terminal.complain("weir " + command + ": " + answer.error().text +
                      " (where a job listens, it says at its start; --url URL)");
    return code = kUnreachable, std::nullopt;
  }
  if (answer->status == 200) return answer->body;
  const JsonView body(answer->body);
  if (body["error"].is_null()) {
    terminal.complain("weir " + command + ": " + url + " is no weir, or one of another version");
    return code = kUnreachable, std::nullopt;
  }
  const std::string hint = body["hint"].string();
  terminal.complain("weir " + command + ": " + body["error"].string() +
                    (hint.empty() ? "" : " (" + hint + ")"));
  return code = kUsage, std::nullopt;
}

std::string url_quoted(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte < 0x80 && std::isalnum(byte) != 0) || c == '-' || c == '_' || c == '.';
    if (plain) {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

}  // namespace weir::cli
