#include "sink/mongodb_answer.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include <mongoc/mongoc.h>

namespace weir::sink {

namespace {

using What = MongodbAnswer::What;

// The server is busy with itself: elections, shutdown, locks, conflicts, time limits.
constexpr auto kPassing = std::to_array<std::int64_t>(
    {6, 7, 24, 50, 64, 89, 91, 112, 189, 202, 262, 9001, 10107, 11600, 11602, 13388, 13435, 13436});
// Of this user, or of a collection that is none: views, bad names.
constexpr auto kLasting = std::to_array<std::int64_t>({13, 18, 73, 166, 8000});

bool is_in(std::int64_t code, const auto& codes) {
  return std::ranges::find(codes, code) != codes.end();
}

struct WriteError {
  std::int64_t index = 0;
  std::int64_t code = 0;
  std::string text{};
};

WriteError read_error(bson_iter_t* fields) {
  WriteError error;
  while (bson_iter_next(fields)) {
    const std::string_view key = bson_iter_key(fields);
    if (key == "index") error.index = bson_iter_as_int64(fields);
    if (key == "code") error.code = bson_iter_as_int64(fields);
    if (key == "errmsg" && BSON_ITER_HOLDS_UTF8(fields)) {
      error.text = bson_iter_utf8(fields, nullptr);
    }
  }
  return error;
}

std::vector<WriteError> write_errors(const bson_t* reply) {
  std::vector<WriteError> errors;
  bson_iter_t top;
  bson_iter_t each;
  bson_iter_t fields;
  if (reply == nullptr || !bson_iter_init_find(&top, reply, "writeErrors")) return errors;
  if (!BSON_ITER_HOLDS_ARRAY(&top) || !bson_iter_recurse(&top, &each)) return errors;
  while (bson_iter_next(&each)) {
    if (BSON_ITER_HOLDS_DOCUMENT(&each) && bson_iter_recurse(&each, &fields)) {
      errors.push_back(read_error(&fields));
    }
  }
  return errors;
}

bool has_concern_error(const bson_t* reply) {
  bson_iter_t top;
  bson_iter_t each;
  return reply != nullptr && bson_iter_init_find(&top, reply, "writeConcernErrors") &&
         bson_iter_recurse(&top, &each) && bson_iter_next(&each);
}

std::string words_of(const bson_error_t& error) {
  if (error.domain == 0 && error.code == 0) return "the driver gives no reason";
  return std::string(error.message) + " (code " + std::to_string(error.code) + ")";
}

}  // namespace

MongodbAnswer read_answer(const bson_error_t& error, const bson_t* reply) {
  MongodbAnswer answer;
  answer.why = words_of(error);
  const bool by_server =
      error.domain == MONGOC_ERROR_SERVER || error.domain == MONGOC_ERROR_WRITE_CONCERN;
  if (error.domain == MONGOC_ERROR_CLIENT && error.code == MONGOC_ERROR_CLIENT_AUTHENTICATE) {
    return answer.what = What::kNever, answer;
  }
  const std::vector<WriteError> errors = write_errors(reply);
  if (errors.empty() && by_server && is_in(error.code, kLasting)) {
    return answer.what = What::kNever, answer;
  }
  answer.what = What::kAgain;
  if (errors.empty() || !by_server || has_concern_error(reply)) return answer;
  for (const WriteError& one : errors) {
    if (is_in(one.code, kPassing)) return answer;
    if (one.code == 13) return answer.what = What::kNever, answer;
    answer.refused.push_back({static_cast<std::size_t>(one.index),
                              one.text + " (code " + std::to_string(one.code) + ")",
                              one.code == 11000 && one.text.find("_id_") != std::string::npos});
  }
  answer.what = What::kDone;
  answer.why.clear();
  return answer;
}

}  // namespace weir::sink
