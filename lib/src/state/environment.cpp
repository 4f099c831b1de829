#include "state/environment.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "state/memory_disk.h"
#include <weir/error.h>

namespace weir::state {

Environment::Environment(std::unique_ptr<Disk> disk, Opening opening, Options options)
    : disk_(std::move(disk)), opening_(std::move(opening)), options_(std::move(options)) {
  if (const auto task = disk_->meta(kMetaTask)) task_ = *task;
}

Environment::~Environment() = default;

Store& Environment::store(std::string_view name) {
  for (const auto& store : stores_) {
    if (store->name() == name) return *store;
  }
  check(!is_scanned(), "a store is opened before any is scanned");
  return *stores_.emplace_back(std::make_unique<Store>(std::string(name), *disk_));
}

Store& Environment::opened(std::string_view name) {
  const auto found = std::find_if(stores_.begin(), stores_.end(),
                                  [&](const auto& store) { return store->name() == name; });
  check(found != stores_.end(), "a position is that of an opened store");
  return **found;
}

bool Environment::is_scanned() const {
  return std::any_of(stores_.begin(), stores_.end(),
                     [](const auto& store) { return store->scans_ > 0; });
}

void Environment::commit(const Commit& commit) {
  for (const auto& store : stores_) store->overlay_.commit();
  for (const StoreCommit& at : commit.stores) opened(at.store).position_ = at.position;
  task_.assign(commit.task);
  changed_ = true;
  if (overlay_bytes() >= options_.flush_bytes_max) flush();
}

void Environment::abort() {
  for (const auto& store : stores_) store->overlay_.abort();
}

void Environment::restored(std::string_view store, const Position& position) {
  opened(store).position_ = position;
  changed_ = true;
  if (overlay_bytes() >= options_.restore_bytes_max) flush();
}

void Environment::flush() {
  check(!is_scanned(), "nothing is flushed while a store is scanned");
  const bool committed = std::any_of(stores_.begin(), stores_.end(), [](const auto& store) {
    return store->overlay_.has_committed();
  });
  if (committed || changed_) write_committed();
  for (const auto& store : stores_) store->overlay_.forget_committed();
}

void Environment::write_committed() {
  std::vector<std::vector<Row>> rows(stores_.size());
  std::vector<Disk::Batch> batches;
  std::deque<std::string> kept;  // What the rows of meta are views of.
  std::vector<Row> meta = {{kMetaFingerprint, options_.fingerprint}, {kMetaTask, task_}};
  for (std::size_t i = 0; i < stores_.size(); ++i) {
    Store& store = *stores_[i];
    store.overlay_.committed_rows(rows[i]);
    batches.push_back({store.id_, rows[i]});
    const std::string& name = kept.emplace_back(std::string(kStorePrefix) + store.name_);
    append_position(kept.emplace_back(), store.position_);
    meta.push_back({name, kept.back()});
  }
  disk_->write(batches, meta);
  changed_ = false;
  ++flushes_;
}

void Environment::wipe() {
  check(!is_scanned(), "nothing is wiped while a store is scanned");
  for (const auto& store : stores_) {
    store->overlay_.clear();
    store->position_ = {};
  }
  task_.clear();
  changed_ = false;
  const Row fingerprint{kMetaFingerprint, options_.fingerprint};
  disk_->wipe({&fingerprint, 1});
}

void Environment::close() {
  for (const auto& store : stores_) {
    check(store->dirty_entries() == 0, "what is dirty is committed or aborted before a close");
  }
  flush();
  // Twice: the mark must not be on disk before what it vouches for.
  disk_->sync();
  const Row clean{kMetaClean, kClosed};
  disk_->write({}, {&clean, 1});
  disk_->sync();
}

std::size_t Environment::overlay_bytes() const {
  std::size_t bytes = 0;
  for (const auto& store : stores_) bytes += store->overlay_bytes();
  return bytes;
}

std::unique_ptr<Environment> open_memory(MemoryFiles& files, Environment::Options options) {
  auto disk = std::make_unique<MemoryDisk>(files);
  Opening opening;
  if (const auto fingerprint = disk->meta(kMetaFingerprint)) {
    opening.how = Opening::How::kKept;
    opening.fingerprint = *fingerprint;
  }
  return std::make_unique<Environment>(std::move(disk), std::move(opening), std::move(options));
}

}  // namespace weir::state
