// What lies in the stores of a job, as JSON: for `weir state`. The layout of rows is that of
// weir/detail/layout.h; their types are the job's.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "job/plan.h"
#include <weir/bytes_store.h>
#include <weir/error.h>
#include <weir/function_ref.h>
#include <weir/time.h>

namespace weir::compile {

// The rows of one store of one task, wherever they are read from.
class StateSource {
 public:
  virtual ~StateSource() = default;
  // As BytesStore::scan. Rows of one call belong to one moment, those of two calls may not.
  virtual Status scan(Bytes from, Bytes to, BytesStore::Visit visit) = 0;
};

// Which rows are wanted.
struct StateWish {
  std::optional<std::string> key{};  // As it is in topics: its text, of several values a JSON list.
  Timestamp from = kNoTime;          // Of the windows' starts or of the records' times, about: rows
  Timestamp to = kEndOfTime;         // lie by spans of time, and whole spans are read.
};

class StateRows {
 public:
  // The members of a JSON object, without its braces. Returns whether to go on.
  using Visit = FunctionRef<bool(std::string_view members)>;

  // REQUIRES: `plan` outlives this.
  explicit StateRows(const job::JobPlan& plan);
  ~StateRows();

  // Names of all stores that the job has.
  std::vector<std::string> names() const;
  // What a store is for, in a word; empty when there is none of that name.
  std::string_view kind(std::string_view store) const;

  // An Error for rows that are not the job's: it was changed, or the disk is damaged.
  Status read(std::string_view store, const StateWish& wish, StateSource& source,
              Visit visit) const;
  // How far in event time a store has come, as it says itself; kNoTime when it does not.
  static Timestamp time_of(StateSource& source);

 private:
  class Form;
  const Form* find(std::string_view store) const;

  std::vector<std::unique_ptr<Form>> forms_;
};

}  // namespace weir::compile
