#include "json/pattern.h"

#include "json/number.h"

namespace weir::json {
namespace {

constexpr int kGroupDepthMax = 32;
constexpr int kCopiesMax = 1000;  // A counted group is compiled as so many copies.

class PatternText {
 public:
  explicit PatternText(std::string_view text) : rest_(text) {}

  bool whole() {
    const bool anchored = take('^');
    bool empty = false;
    if (!branches(0, 1, empty)) return false;
    const bool ended = take('$');
    if (has_open_choice_ && (anchored || ended)) return false;
    return rest_.empty() && (!empty || (anchored && ended));
  }

 private:
  char front() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool take(char wanted) {
    if (front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  static bool is_one_of(char c, std::string_view set) {
    return c != '\0' && set.find(c) != std::string_view::npos;
  }

  // Each of these says in `empty` whether it fits the empty text.

  bool branches(int depth, int copies, bool& empty) {
    if (!branch(depth, copies, empty)) return false;
    while (take('|')) {
      has_open_choice_ |= depth == 0;
      bool other_empty = false;
      if (!branch(depth, copies, other_empty)) return false;
      empty |= other_empty;
    }
    return true;
  }

  bool branch(int depth, int copies, bool& empty) {
    int pieces = 0;
    empty = true;
    for (; !rest_.empty() && !is_one_of(front(), "|)$"); ++pieces) {
      bool piece_empty = false;
      if (!piece(depth, copies, piece_empty)) return false;
      empty &= piece_empty;
    }
    return pieces > 0;
  }

  // A counted group is read twice: its copies are known only behind it.
  bool piece(int depth, int copies, bool& empty) {
    const std::string_view start = rest_;
    if (!atom(depth, copies, empty)) return false;
    int least = 1;
    int most = 1;
    if (!quantifier(least, most)) return false;
    empty |= least == 0;
    if (most <= 1) return true;
    if (copies * most > kCopiesMax) return false;
    const std::string_view end = rest_;
    rest_ = start;
    bool again = false;
    const bool good = atom(depth, copies * most, again);
    rest_ = end;
    return good;
  }

  bool atom(int depth, int copies, bool& empty) {
    if (take('(')) {
      return depth < kGroupDepthMax && front() != '?' && branches(depth + 1, copies, empty) &&
             take(')');
    }
    if (take('[')) return char_class();
    if (is_one_of(front(), "^*+?{}]")) return false;
    return character();
  }

  bool character() {
    if (rest_.empty()) return false;
    if (!take('\\')) {
      rest_.remove_prefix(1);
      return true;
    }
    if (!is_one_of(front(), "^$|()?*+.[]{}\\fnrtv")) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool char_class() {
    take('^');
    do {
      if (is_one_of(front(), "[]-") || !character()) return false;
      if (take('-') && (is_one_of(front(), "[]-") || !character())) return false;
    } while (front() != ']' && !rest_.empty());
    return take(']');
  }

  bool quantifier(int& least, int& most) {
    if (front() == '*' || front() == '?') least = 0;
    if (take('*') || take('+') || take('?')) return !is_one_of(front(), "*+?{");
    if (!take('{')) return true;
    if (!count(least)) return false;
    most = least;
    if (take(',') && front() != '}' && !count(most)) return false;
    return take('}') && most >= least && most > 0 && !is_one_of(front(), "*+?{");
  }

  bool count(int& number) {
    if (!is_digit(front())) return false;
    number = 0;
    for (; is_digit(front()); rest_.remove_prefix(1)) {
      number = number * 10 + (front() - '0');
      if (number > kCopiesMax) return false;
    }
    return true;
  }

  std::string_view rest_;
  bool has_open_choice_ = false;
};

}  // namespace

bool is_plain_pattern(std::string_view pattern) { return PatternText(pattern).whole(); }

}  // namespace weir::json
