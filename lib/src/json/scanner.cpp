#include "json/scanner.h"

#include "json/number.h"
#include "json/text.h"
#include "json/utf8.h"

namespace weir::json {
namespace {

constexpr std::size_t kFramesAtStart = 16;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

constexpr bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

Scanner::Scanner(const PathTree& paths) : paths_(paths) { frames_.reserve(kFramesAtStart); }

Status Scanner::scan(const PaddedText& text, std::span<JsonSlot> slots) {
  text_ = &text;
  slots_ = slots;
  frames_.clear();
  at_ = text.begin();
  if (scan_all()) return {};
  // The padding looks like a control character; only its place tells that the text has ended.
  const bool ended = fault_at_ >= text.end();
  return Error{
      ended ? "not valid JSON: the text ends too early" : std::string("not valid JSON: ") + fault_,
      "", ended ? text.original().size() : text.offset(fault_at_)};
}

bool Scanner::scan_all() {
  if (text_->original().starts_with(kByteOrderMark)) return fail("a byte order mark", at_);
  skip_space();
  if (*at_ != '{') return fail("a JSON object is expected", at_);
  const std::size_t bad = find_invalid_utf8(text_->original());
  if (bad != std::string_view::npos) return fail("invalid UTF-8", text_->begin() + bad);
  if (!open(0)) return false;
  while (!frames_.empty()) {
    if (!step()) return false;
  }
  skip_space();
  return at_ == text_->end() || fail("text after the end of the object", at_);
}

bool Scanner::step() {
  const bool is_array = frames_.back().is_array;
  skip_space();
  if (*at_ == (is_array ? ']' : '}')) {
    close();
    return true;
  }
  if (!frames_.back().is_empty) {
    if (*at_ != ',') return fail("',' or the end of the object or array is expected", at_);
    ++at_;
    skip_space();
  }
  frames_.back().is_empty = false;
  int path = PathTree::kNone;
  if (!is_array && !key(path)) return false;
  return value(path);
}

bool Scanner::key(int& path) {
  if (*at_ != '"') return fail("a key in quotes is expected", at_);
  const char* start = ++at_;
  const StringEnd end = find_string_end(at_);
  if (end.fault != nullptr) return fail(end.fault, end.at);
  at_ = end.at + 1;
  const int parent = frames_.back().path;
  if (parent != PathTree::kNone) {
    std::string_view name(start, static_cast<std::size_t>(end.at - start));
    if (end.escaped) {
      name_.clear();
      append_unescaped(name_, name);
      name = name_;
    }
    path = paths_.child(parent, name);
    if (path != PathTree::kNone) forget(path);
  }
  skip_space();
  if (*at_ != ':') return fail("':' is expected", at_);
  ++at_;
  skip_space();
  return true;
}

bool Scanner::value(int path) {
  if (*at_ == '{' || *at_ == '[') return open(path);
  return scalar(path);
}

bool Scanner::scalar(int path) {
  const char* start = at_;
  switch (*start) {
    case '"': {
      const StringEnd end = find_string_end(start + 1);
      if (end.fault != nullptr) return fail(end.fault, end.at);
      fill(path, JsonKind::kString, start + 1, end.at, end.escaped);
      at_ = end.at + 1;
      return true;
    }
    case 't':
      return word("true", JsonKind::kTrue, path);
    case 'f':
      return word("false", JsonKind::kFalse, path);
    case 'n':
      return word("null", JsonKind::kNull, path);
    default: {
      const char* end = skip_number(start);
      if (end == nullptr) {
        return fail(*start == '-' || is_digit(*start) ? "a damaged number" : "a value is expected",
                    start);
      }
      fill(path, JsonKind::kNumber, start, end);
      at_ = end;
      return true;
    }
  }
}

bool Scanner::open(int path) {
  if (frames_.size() == JsonReader::kDepthMax) return fail("nested deeper than 1,000", at_);
  const bool is_array = *at_ == '[';
  // Paths do not go into arrays, but the array itself may be wanted: keep its path for close().
  frames_.push_back({.start = at_, .path = path, .is_array = is_array, .is_empty = true});
  ++at_;
  return true;
}

void Scanner::close() {
  const Frame frame = frames_.back();
  frames_.pop_back();
  ++at_;
  fill(frame.path, frame.is_array ? JsonKind::kArray : JsonKind::kObject, frame.start, at_);
}

void Scanner::forget(int path) {
  for (const int slot : paths_.slots_below(path)) slots_[static_cast<std::size_t>(slot)] = {};
}

void Scanner::skip_space() {
  while (is_space(*at_)) ++at_;
}

bool Scanner::word(std::string_view word, JsonKind kind, int path) {
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (at_[i] != word[i]) return fail("a value is expected", at_ + i);
  }
  fill(path, kind, at_, at_ + word.size());
  at_ += word.size();
  return true;
}

void Scanner::fill(int path, JsonKind kind, const char* from, const char* to, bool escaped) {
  const int slot = paths_.slot(path);
  if (slot == PathTree::kNone) return;
  slots_[static_cast<std::size_t>(slot)] = {text_->in_original(from, to), kind, escaped};
}

bool Scanner::fail(const char* what, const char* where) {
  fault_ = what;
  fault_at_ = where;
  return false;
}

}  // namespace weir::json
