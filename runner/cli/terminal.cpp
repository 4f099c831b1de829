#include "cli/terminal.h"

#include <array>
#include <chrono>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/layout.h"
#include "job/diagnostic_print.h"
#include <weir/time_format.h>

namespace weir::cli {

namespace {

constexpr std::array<std::string_view, 5> kLevels{"trace", "debug", "info", "warn", "error"};

// With the time, which a log has to tell by itself.
std::string as_fields(LogStyle::Format format, Level level, std::string_view job,
                      std::string_view line) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  std::string time;
  append_time_text(time, std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  const std::string_view word = kLevels[static_cast<std::size_t>(level)];
  if (format == LogStyle::Format::json) {
    return "{\"time\":\"" + time + "\",\"level\":\"" + std::string(word) + "\"" +
           (job.empty() ? "" : ",\"job\":" + job::json_quoted(job)) +
           ",\"message\":" + job::json_quoted(line) + "}";
  }
  return "time=" + time + " level=" + std::string(word) +
         (job.empty() ? "" : " job=" + std::string(job)) + " msg=" + job::json_quoted(line);
}

}  // namespace

Level level_of(std::string_view word) {
  for (std::size_t at = 0; at < kLevels.size(); ++at) {
    if (kLevels[at] == word) return static_cast<Level>(at);
  }
  return Level::news;
}

LogStyle LogStyle::of(std::string_view format, std::string_view level) {
  return {format == "json"     ? Format::json
          : format == "logfmt" ? Format::logfmt
                               : Format::text,
          level_of(level)};
}

bool Terminal::print(std::string_view result) {
  const std::lock_guard lock(mutex_);
  if (drawn_ && is_terminal(stdout)) erase();
  std::fwrite(result.data(), 1, result.size(), stdout);
  return std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
}

void Terminal::draw(std::string_view line) {
  const std::lock_guard lock(mutex_);
  const std::string shown = clipped(line, columns(stderr) - 1);
  std::fprintf(stderr, "\r%s\033[K", shown.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void Terminal::clear() {
  const std::lock_guard lock(mutex_);
  erase();
}

void Terminal::erase() {
  if (drawn_) std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

void Terminal::say(std::string_view line) {
  if (!quiet_ && log_.least <= Level::news) write(Level::news, "", line);
}

void Terminal::complain(std::string_view line) { write(Level::error, "", line); }

void Terminal::log(Level level, std::string_view job, std::string_view line) {
  if (level < log_.least || (quiet_ && level < Level::warn)) return;
  write(level, job, line);
}

void Terminal::write(Level level, std::string_view job, std::string_view line) {
  std::string text;
  if (log_.format != LogStyle::Format::text) {
    text = as_fields(log_.format, level, job, line);
  } else {
    text = (job.empty() ? "" : std::string(job) + ": ") + std::string(line);
  }
  // One write: lines of several threads and processes stay whole.
  text += "\n";
  const std::lock_guard lock(mutex_);
  erase();
  std::fwrite(text.data(), 1, text.size(), stderr);
}

bool Terminal::is_terminal(FILE* stream) { return isatty(fileno(stream)) == 1; }

std::size_t Terminal::columns(FILE* stream) {
  struct winsize window {};
  if (ioctl(fileno(stream), TIOCGWINSZ, &window) != 0 || window.ws_col == 0) return kPageColumns;
  return window.ws_col;
}

std::size_t Terminal::rows(FILE* stream) {
  struct winsize window {};
  if (ioctl(fileno(stream), TIOCGWINSZ, &window) != 0 || window.ws_row == 0) return 24;
  return window.ws_row;
}

bool Terminal::colors(FILE* stream) const {
  if (color_ == "always") return true;
  const char* const refused = std::getenv("NO_COLOR");
  if (color_ == "never" || (refused != nullptr && *refused != '\0')) return false;
  const char* const kind = std::getenv("TERM");
  return is_terminal(stream) && kind != nullptr && std::string_view(kind) != "dumb";
}

std::string styled(std::string_view text, std::string_view style, bool on) {
  if (!on) return std::string(text);
  return "\033[" + std::string(style) + "m" + std::string(text) + "\033[0m";
}

}  // namespace weir::cli
