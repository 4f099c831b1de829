// Where commands speak: results to stdout, everything else to stderr.
#pragma once

#include <cstdio>
#include <mutex>
#include <string>
#include <string_view>

namespace weir::cli {

// How important a line is, the least first; `log: {level: ...}` has "info" for news.
enum class Level { trace, debug, news, warn, error };

// How lines to stderr look: for people, or for what gathers logs.
struct LogStyle {
  enum class Format { text, json, logfmt };
  Format format = Format::text;
  Level least = Level::news;

  // The words of the job language; `text` and `info` for any others.
  static LogStyle of(std::string_view format, std::string_view level);
};
Level level_of(std::string_view word);

class Terminal {
 public:
  // `color`: auto, always or never.
  void set_color(std::string_view color) { color_ = color; }
  void set_quiet(bool quiet) { quiet_ = quiet; }

  void set_log(LogStyle style) { log_ = style; }

  bool print(std::string_view result);  // As it is. False when it could not be written.
  void say(std::string_view line);      // With a line end; not when quiet.
  void complain(std::string_view line);
  void announce(std::string_view line) { write(Level::news, "", line); }  // Never left out.
  // As both, where lines have levels: below the least it is left out. `job` may be empty.
  void log(Level level, std::string_view job, std::string_view line);

  // A line on stderr that renews itself: the next one is drawn over it, and whatever else appears
  // here takes its place. Clipped, for a line that wraps would not be drawn over.
  void draw(std::string_view line);
  void clear();

  // Whether results, or words, go to a person who sees colours.
  bool colors_results() const { return colors(stdout); }
  bool colors_words() const { return colors(stderr); }
  static bool is_terminal(FILE* stream);
  // Of the window; 80 where there is none.
  static std::size_t columns(FILE* stream);
  // Of the window that results go to; 0 where they go elsewhere, as they are.
  static std::size_t result_columns() { return is_terminal(stdout) ? columns(stdout) : 0; }
  // 24 where there is none.
  static std::size_t rows(FILE* stream);
  // True when a person sees what is said and can wait for a line that renews itself.
  bool is_lively() const {
    return is_terminal(stderr) && !quiet_ && log_.format == LogStyle::Format::text;
  }
  bool quiet() const { return quiet_; }

 private:
  bool colors(FILE* stream) const;
  void write(Level level, std::string_view job, std::string_view line);
  void erase();

  std::mutex mutex_;  // Workers speak, too.
  bool drawn_ = false;
  LogStyle log_;
  std::string color_ = "auto";
  bool quiet_ = false;
};

// `text` between the escape sequences of a style ("1" bold, "31" red) when `on`.
std::string styled(std::string_view text, std::string_view style, bool on);

}  // namespace weir::cli
