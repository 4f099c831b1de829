// A terminal that draws a whole screen and hears single keys, for as long as this lives.
#pragma once

#include <optional>
#include <string_view>

#include <termios.h>

#include <weir/time.h>

namespace weir::cli {

class KeyInput {
 public:
  // REQUIRES: stdin and stdout are a terminal.
  KeyInput();
  ~KeyInput();
  KeyInput(const KeyInput&) = delete;
  KeyInput& operator=(const KeyInput&) = delete;

  // A key that was hit within `longest`; 'q' when the terminal is gone.
  std::optional<char> wait(Duration longest);
  // In place of what is there.
  void draw(std::string_view screen);

 private:
  termios before_{};
};

}  // namespace weir::cli
