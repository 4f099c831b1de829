#include "state/memory_disk.h"

#include <utility>

namespace weir::state {
namespace {

using Rows = MemoryFiles::Rows;

std::optional<Bytes> get_row(const Rows& rows, Bytes key) {
  const auto found = rows.find(key);
  if (found == rows.end()) return std::nullopt;
  return found->second;
}

void scan_rows(const Rows& rows, Bytes from, Bytes to, BytesStore::Visit visit) {
  for (auto row = rows.lower_bound(from); row != rows.end(); ++row) {
    if (!to.empty() && row->first >= to) return;
    if (!visit(row->first, row->second)) return;
  }
}

// Most rows of a flush are new and ascending, as in time-first stores: try the place after the
// last.
void write_rows(Rows& rows, std::span<const Row> changes) {
  auto hint = rows.end();
  for (const Row& row : changes) {
    if (hint == rows.end() || hint->first < row.key) hint = rows.lower_bound(row.key);
    const bool exists = hint != rows.end() && hint->first == row.key;
    if (!row.value) {
      if (exists) hint = rows.erase(hint);
    } else if (exists) {
      hint->second.assign(*row.value);
    } else {
      hint = rows.emplace_hint(hint, row.key, *row.value);
    }
  }
}

StoreUsage usage_of(const Rows& rows) {
  StoreUsage usage{.rows = rows.size()};
  for (const auto& [key, value] : rows) usage.bytes += key.size() + value.size();
  return usage;
}

class MemorySnapshot final : public Snapshot {
 public:
  MemorySnapshot(std::map<std::string, Rows, std::less<>> stores, Rows meta)
      : stores_(std::move(stores)), meta_(std::move(meta)) {}

  std::vector<std::string> stores() override {
    std::vector<std::string> names;
    for (const auto& [name, rows] : stores_) names.push_back(name);
    return names;
  }
  std::optional<Position> position(std::string_view store) override {
    if (!stores_.contains(store)) return std::nullopt;
    Position position;
    std::optional<Bytes> bytes = get_row(meta_, std::string(kStorePrefix).append(store));
    if (bytes && !read_position(*bytes, position)) return Position{};
    return position;
  }
  StoreUsage usage(std::string_view store) override {
    const auto rows = stores_.find(store);
    return rows == stores_.end() ? StoreUsage{} : usage_of(rows->second);
  }
  DiskUsage disk_usage() override {
    DiskUsage all;
    for (const auto& [name, rows] : stores_) all.bytes_used += usage_of(rows).bytes;
    all.bytes_mapped = all.bytes_used;
    return all;
  }
  std::optional<Bytes> get(std::string_view store, Bytes key) override {
    const auto rows = stores_.find(store);
    if (rows == stores_.end()) return std::nullopt;
    return get_row(rows->second, key);
  }
  void scan(std::string_view store, Bytes from, Bytes to, BytesStore::Visit visit) override {
    const auto rows = stores_.find(store);
    if (rows != stores_.end()) scan_rows(rows->second, from, to, visit);
  }

 private:
  std::map<std::string, Rows, std::less<>> stores_;
  Rows meta_;
};

}  // namespace

Disk::StoreId MemoryDisk::open_store(std::string_view name) {
  const std::lock_guard lock(files_.mutex);
  stores_.push_back(&files_.stores.try_emplace(std::string(name)).first->second);
  return stores_.size() - 1;
}

std::optional<Bytes> MemoryDisk::get(StoreId store, Bytes key) {
  return get_row(*stores_[store], key);
}

void MemoryDisk::scan(StoreId store, Bytes from, Bytes to, BytesStore::Visit visit) {
  scan_rows(*stores_[store], from, to, visit);
}

std::optional<Bytes> MemoryDisk::meta(Bytes name) { return get_row(files_.meta, name); }

void MemoryDisk::write(std::span<const Batch> batches, std::span<const Row> meta) {
  const std::lock_guard lock(files_.mutex);
  for (const Batch& batch : batches) write_rows(*stores_[batch.store], batch.rows);
  for (const Row& row : meta) write_rows(files_.meta, {&row, 1});
}

void MemoryDisk::wipe(std::span<const Row> meta) {
  const std::lock_guard lock(files_.mutex);
  for (auto& [name, rows] : files_.stores) rows.clear();
  files_.meta.clear();
  for (const Row& row : meta) write_rows(files_.meta, {&row, 1});
}

StoreUsage MemoryDisk::usage(StoreId store) { return usage_of(*stores_[store]); }

DiskUsage MemoryDisk::usage() {
  DiskUsage usage;
  for (const auto& [name, rows] : files_.stores) usage.bytes_used += usage_of(rows).bytes;
  usage.bytes_mapped = usage.bytes_used;
  return usage;
}

std::unique_ptr<Snapshot> MemoryDisk::snapshot() {
  const std::lock_guard lock(files_.mutex);
  return std::make_unique<MemorySnapshot>(files_.stores, files_.meta);
}

}  // namespace weir::state
