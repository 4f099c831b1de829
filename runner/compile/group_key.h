// The key of a group as text: what tells groups apart and in which order results of one window come
// out.
//
// One text that is never null is itself. Otherwise
//   key    = value* last
//   value  = as in row.h
//   last   = kind:byte body; body = 8 bytes that sort as the number does (int, time) | the text to
//            the end (string, raw) | as in row.h without its head
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "job/plan.h"
#include <weir/json_value.h>

namespace weir::compile {

class GroupKey {
 public:
  // REQUIRES: `by` outlives this. Without any: all records are one group, with an empty key.
  explicit GroupKey(const std::vector<job::NamedProgram>& by);

  // Whether the key is the one text that Kafka has as the key of such records, too.
  bool is_plain() const { return plain_; }

  // Replaces `key`. False when an expression fails, with why.
  bool write(std::span<const JsonValue> row, const expression::RecordFacts& facts,
             expression::Scratch& scratch, std::string& key, std::string& error) const;

  // Appends the values of the key; views of it. REQUIRES: it was written by `write`.
  void read(std::string_view key, std::vector<JsonValue>& values) const;

  // The key of results in topics: plain text, of several values a JSON list.
  void write_plain(std::span<const JsonValue> values, std::string& out) const;

 private:
  const std::vector<job::NamedProgram>& by_;
  bool plain_;
};

}  // namespace weir::compile
