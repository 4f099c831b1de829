#include "cli/terminal.h"

#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/layout.h"

namespace weir::cli {

void Terminal::print(std::string_view result) {
  std::fwrite(result.data(), 1, result.size(), stdout);
  std::fflush(stdout);
}

void Terminal::say(std::string_view line) {
  if (!quiet_) complain(line);
}

void Terminal::complain(std::string_view line) {
  // One write: lines of several threads and processes stay whole.
  const std::string text = std::string(line) + "\n";
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
