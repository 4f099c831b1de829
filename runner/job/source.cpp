#include "job/source.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace weir::job {

Source::Source(std::string name, std::string text)
    : name_(std::move(name)), text_(std::move(text)) {
  starts_.push_back(0);
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n' && i + 1 < text_.size()) starts_.push_back(i + 1);
  }
}

Result<Source> Source::read(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(kBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad() || (file.gcount() == 0 && errno == EISDIR)) {
    return Error{"cannot read '" + path + "': " + std::strerror(errno != 0 ? errno : EIO)};
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kBytesMax) {
    return Error{"'" + path + "' is longer than " + std::to_string(kBytesMax / 1024) + " KiB",
                 "a job is written by hand; this looks like something else"};
  }
  return Source(path, std::move(text));
}

std::string_view Source::text(Place place) const {
  if (place.nowhere() || place.offset > text_.size()) return {};
  return std::string_view(text_).substr(place.offset, place.length);
}

Position Source::position(std::size_t offset) const {
  if (offset == Place::kNowhere) return {};
  offset = std::min(offset, text_.size());
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
  const std::size_t start = *std::prev(after);
  const auto before = std::string_view(text_).substr(start, offset - start);
  return {static_cast<int>(after - starts_.begin()),
          static_cast<int>(count_characters(before)) + 1};
}

std::string_view Source::line(int number) const {
  if (number < 1 || number > lines()) return {};
  const std::size_t start = starts_[static_cast<std::size_t>(number) - 1];
  auto rest = std::string_view(text_).substr(start);
  rest = rest.substr(0, rest.find('\n'));
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  return rest;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

}  // namespace weir::job
