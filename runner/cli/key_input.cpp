#include "cli/key_input.h"

#include <cstdio>
#include <string>

#include <poll.h>
#include <unistd.h>

namespace weir::cli {

KeyInput::KeyInput() {
  tcgetattr(STDIN_FILENO, &before_);
  termios keys = before_;
  keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  tcsetattr(STDIN_FILENO, TCSANOW, &keys);
  std::fputs("\033[?1049h\033[?25l", stdout);  // A screen of its own, without a cursor.
}

KeyInput::~KeyInput() {
  std::fputs("\033[?25h\033[?1049l", stdout);
  std::fflush(stdout);
  tcsetattr(STDIN_FILENO, TCSANOW, &before_);
}

std::optional<char> KeyInput::wait(Duration longest) {
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  if (poll(&input, 1, static_cast<int>(longest.count())) <= 0) return std::nullopt;
  char key = 'q';
  return read(STDIN_FILENO, &key, 1) == 1 ? key : 'q';
}

void KeyInput::draw(std::string_view screen) {
  std::string text = "\033[H";
  for (const char c : screen) {
    if (c == '\n') text += "\033[K";
    text += c;
  }
  text += "\033[J";
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace weir::cli
