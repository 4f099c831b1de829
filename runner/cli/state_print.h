// What `weir state` shows, and what a running job answers about its state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <weir/time.h>

namespace weir::cli {

struct StoreLine {
  std::string store{};
  std::string kind{};
  std::string task{};
  int partition = 0;
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;   // On the disk.
  Timestamp time = kNoTime;  // How far it has come.
};

// The disk of a task, all of its stores together.
struct DiskLine {
  std::string task{};
  std::uint64_t bytes_used = 0;
  std::uint64_t bytes_mapped = 0;
};

std::string state_json(std::string_view job, const std::vector<StoreLine>& stores,
                       const std::vector<DiskLine>& disks);
// Where it does not fit so many columns, without the kinds of the stores. 0: it always fits.
std::string state_text(const std::vector<StoreLine>& stores, const std::vector<DiskLine>& disks,
                       std::size_t columns = 0);

// A row as compile::StateRows gives it, with where it lies.
std::string row_json(std::string_view store, int partition, std::string_view members);
std::string row_text(int partition, std::string_view members);

}  // namespace weir::cli
