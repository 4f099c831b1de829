// A store as operators and processors see it: bytes in, bytes out, ordered by key.
#pragma once

#include <cstddef>
#include <optional>

#include <weir/bytes.h>
#include <weir/function_ref.h>

namespace weir {

// One named store of one task. Any bytes may be a key or a value, empty ones too. Keys are ordered
// as memcmp orders them, a key before every longer one that begins with it.
//
// A change is seen at once by every read and is lasting only after the task's commit; an abort
// takes it back. One thread owns a task and so its stores. A broken disk is a BrokenWorld
// exception.
//
//   std::string key;
//   append_time(key, window.start);
//   append_bytes(key, user);
//   if (auto bytes = store.get(key)) decode(*bytes, count);
//   store.put(key, encode(count + 1));
//
//   std::string until;                                        // All windows that start before
//   append_time(until, closed);                               // `closed`, oldest first.
//   store.scan({}, until, [&](Bytes row, Bytes value) { return close_window(row, value); });
class BytesStore {
 public:
  // Sees one row; returns whether to go on. Its views are valid until it returns.
  using Visit = FunctionRef<bool(Bytes key, Bytes value)>;

  virtual ~BytesStore() = default;

  // The value of `key`, or nothing. The view is valid until the next change of this store and the
  // next commit or abort of the task.
  [[nodiscard]] virtual std::optional<Bytes> get(Bytes key) = 0;

  // Copies both. They may be views that this store gave out.
  virtual void put(Bytes key, Bytes value) = 0;

  // Of an absent key: no harm done, but it is a change like any other.
  virtual void erase(Bytes key) = 0;

  // Visits the rows with from <= key < to in order; an empty `to` means the end of the store, as
  // after_prefix() gives it. Stops when `visit` returns false.
  // It steps over what was erased since the last flush, row by row: whoever erases at the low end
  // remembers where the living rows begin and scans from there.
  // REQUIRES: `visit` does not change this store; it may read it and use other stores.
  virtual void scan(Bytes from, Bytes to, Visit visit) = 0;

  // Changes that an operator keeps in a form of its own until the commit, in bytes. They count when
  // the job is asked whether to commit early, as the store's own changes do.
  void keep_back(std::size_t bytes) { kept_back_ += bytes; }
  void hand_over(std::size_t bytes) { kept_back_ -= bytes; }
  std::size_t kept_back() const { return kept_back_; }

 private:
  std::size_t kept_back_ = 0;
};

}  // namespace weir
