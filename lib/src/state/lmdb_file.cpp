#include "state/lmdb_file.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace weir::state {
namespace {

// The head of an LMDB file: two pages that take turns, each with where everything is.
struct MetaPage {
  static constexpr std::size_t kBytes = 152;
  static constexpr std::uint32_t kMagic = 0xbeefc0de;
  static constexpr std::uint32_t kVersion = 1;
  static constexpr std::uint16_t kIsMeta = 0x08;
  static constexpr std::uint64_t kNoPage = ~std::uint64_t{0};
  static constexpr std::size_t kFreeTree = 40;
  static constexpr std::size_t kMainTree = 88;
  static constexpr std::uint16_t kIntegerKeys = 0x08;
  static constexpr std::uint16_t kDepthMax = 32;

  std::array<char, kBytes> bytes{};

  template <class T>
  T at(std::size_t place) const {
    T value{};
    std::memcpy(&value, bytes.data() + place, sizeof(T));
    return value;
  }
  bool is_meta() const {
    return (at<std::uint16_t>(10) & kIsMeta) != 0 && at<std::uint32_t>(16) == kMagic;
  }
  std::uint32_t version() const { return at<std::uint32_t>(20); }
  std::uint32_t page_bytes() const { return at<std::uint32_t>(40); }
  std::uint64_t last_page() const { return at<std::uint64_t>(136); }
  std::uint64_t transaction() const { return at<std::uint64_t>(144); }

  // The tree whose record begins at `place`: of the sort it must be, and rooted in the file.
  bool is_tree(std::size_t place, std::uint16_t flags) const {
    const auto depth = at<std::uint16_t>(place + 6);
    const auto root = at<std::uint64_t>(place + 40);
    if (at<std::uint16_t>(place + 4) != flags || depth > kDepthMax) return false;
    return depth == 0 ? root == kNoPage : root >= 2 && root <= last_page();
  }
  bool is_sound() const { return is_tree(kFreeTree, kIntegerKeys) && is_tree(kMainTree, 0); }
};

std::optional<std::string> damage_of(int file, std::uint64_t size) {
  std::array<MetaPage, 2> pages;
  if (pread(file, pages[0].bytes.data(), MetaPage::kBytes, 0) != MetaPage::kBytes) {
    return "its header is cut off";
  }
  if (!pages[0].is_meta()) return "it is not an LMDB file";
  if (pages[0].version() != MetaPage::kVersion) return "it is of another version of LMDB";
  const std::uint32_t page = pages[0].page_bytes();
  if (page < 512 || page > 65536 || (page & (page - 1)) != 0) return "its header is damaged";
  if (pread(file, pages[1].bytes.data(), MetaPage::kBytes, page) != MetaPage::kBytes) {
    return "its header is cut off";
  }
  if (!pages[1].is_meta() || pages[1].version() != MetaPage::kVersion ||
      pages[1].page_bytes() != page) {
    return "its header is damaged";
  }
  const MetaPage& newest = pages[pages[1].transaction() > pages[0].transaction() ? 1 : 0];
  if (!newest.is_sound()) return "its header is damaged";
  if (newest.last_page() >= size / page) return "it is cut off";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> file_damage(const std::filesystem::path& directory) {
  const std::filesystem::path name = directory / kLmdbFile;
  const int file = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    if (errno == ENOENT) return std::nullopt;
    return std::string("it cannot be read: ") + std::strerror(errno);
  }
  struct stat now {};
  std::optional<std::string> damage;
  if (fstat(file, &now) != 0 || !S_ISREG(now.st_mode)) {
    damage = "it is not a file";
  } else {
    damage = damage_of(file, static_cast<std::uint64_t>(now.st_size));
  }
  ::close(file);
  return damage;
}

}  // namespace weir::state
