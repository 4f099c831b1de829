// Reads any JSON text once, checks all of it, fills the wanted slots. The judge of what is valid:
// the learned shapes (skeleton.h) are a shortcut to the same result.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "json/padded.h"
#include "json/paths.h"
#include <weir/json_reader.h>

namespace weir::json {

class Scanner {
 public:
  explicit Scanner(const PathTree& paths);

  // REQUIRES: all slots are missing. On an error the slots mean nothing.
  Status scan(const PaddedText& text, std::span<JsonSlot> slots);

 private:
  // An object or array that is open.
  struct Frame {
    const char* start = nullptr;
    int path = PathTree::kNone;  // Of the container; kNone when nothing below is wanted.
    bool is_array = false;
    bool is_empty = true;
  };

  bool scan_all();
  bool step();           // One element or member, or the end of the innermost container.
  bool key(int& path);   // A member's name and its colon.
  bool value(int path);  // A scalar, or the opening of a container.
  bool scalar(int path);
  bool open(int path);
  void close();
  void forget(int path);

  void skip_space();
  bool word(std::string_view word, JsonKind kind, int path);
  void fill(int path, JsonKind kind, const char* from, const char* to, bool escaped = false);
  bool fail(const char* what, const char* where);

  const PathTree& paths_;
  const PaddedText* text_ = nullptr;
  std::span<JsonSlot> slots_;
  std::vector<Frame> frames_;
  std::string name_;  // A key without its escapes.
  const char* at_ = nullptr;
  const char* fault_ = nullptr;
  const char* fault_at_ = nullptr;
};

}  // namespace weir::json
