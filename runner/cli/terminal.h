// Where commands speak: results to stdout, everything else to stderr.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace weir::cli {

class Terminal {
 public:
  // `color`: auto, always or never.
  void set_color(std::string_view color) { color_ = color; }
  void set_quiet(bool quiet) { quiet_ = quiet; }

  void print(std::string_view result);  // As it is.
  void say(std::string_view line);      // With a line end; not when quiet.
  void complain(std::string_view line);

  // Whether results, or words, go to a person who sees colours.
  bool colors_results() const { return colors(stdout); }
  bool colors_words() const { return colors(stderr); }
  static bool is_terminal(FILE* stream);
  // Of the window; 80 where there is none.
  static std::size_t columns(FILE* stream);
  // 24 where there is none.
  static std::size_t rows(FILE* stream);
  // True when a person sees what is said and can wait for a line that renews itself.
  bool is_lively() const { return is_terminal(stderr) && !quiet_; }
  bool quiet() const { return quiet_; }

 private:
  bool colors(FILE* stream) const;

  std::string color_ = "auto";
  bool quiet_ = false;
};

// `text` between the escape sequences of a style ("1" bold, "31" red) when `on`.
std::string styled(std::string_view text, std::string_view style, bool on);

}  // namespace weir::cli
