// A file as it was read, and places in it. A place is a range of bytes; lines and columns are
// counted from it when somebody wants to see them.
//
//   Source source("jobs/a.yaml", text);
//   Position p = source.position(place.offset);   // {line 45, column 18}
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <weir/error.h>

namespace weir::job {

// Bytes `[offset, offset + length)` of a source. `nowhere()` for what was never written.
struct Place {
  static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

  std::size_t offset = kNowhere;
  std::size_t length = 0;

  bool nowhere() const { return offset == kNowhere; }
  std::size_t end() const { return offset + length; }
  bool operator==(const Place&) const = default;
};

// Both from 1; columns count characters, not bytes. 0 and 0: nowhere.
struct Position {
  int line = 0;
  int column = 0;
  bool operator==(const Position&) const = default;
};

class Source {
 public:
  static constexpr std::size_t kBytesMax = 512 * 1024;

  Source(std::string name, std::string text);

  // Reads the file. The error says why it cannot be read, or that it is longer than kBytesMax.
  static Result<Source> read(const std::string& path);

  const std::string& name() const { return name_; }
  std::string_view text() const { return text_; }
  std::string_view text(Place place) const;

  // Of a byte. Bytes after the end count as the end.
  Position position(std::size_t offset) const;
  // The text of line `number`, from 1, without its line end; empty when there is no such line.
  std::string_view line(int number) const;
  int lines() const { return static_cast<int>(starts_.size()); }

 private:
  std::string name_;
  std::string text_;
  std::vector<std::size_t> starts_;
};

// Characters in UTF-8 text; bytes that are not UTF-8 count as one each.
std::size_t count_characters(std::string_view text);

}  // namespace weir::job
