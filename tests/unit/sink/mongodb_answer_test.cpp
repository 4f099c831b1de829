#include "sink/mongodb_answer.h"

#include <cstring>

#include <gmock/gmock.h>
#include <mongoc/mongoc.h>

#include "sink/bson.h"

namespace weir::sink {
namespace {

using What = MongodbAnswer::What;

bson_error_t error_of(std::uint32_t domain, std::uint32_t code) {
  bson_error_t error{};
  error.domain = domain;
  error.code = code;
  std::strcpy(error.message, "as the driver says");
  return error;
}

What answer_to(std::uint32_t domain, std::uint32_t code) {
  Bson reply;
  return read_answer(error_of(domain, code), reply.get()).what;
}

TEST(MongodbAnswer, TellsWhatPassesFromWhatLasts) {
  for (const std::uint32_t code : {91U, 189U, 10107U, 11600U, 13435U, 12345U}) {
    EXPECT_EQ(answer_to(MONGOC_ERROR_SERVER, code), What::kAgain) << code;
  }
  EXPECT_EQ(answer_to(MONGOC_ERROR_SERVER, 13), What::kNever);
  EXPECT_EQ(answer_to(MONGOC_ERROR_SERVER, 18), What::kNever);
  EXPECT_EQ(answer_to(MONGOC_ERROR_CLIENT, MONGOC_ERROR_CLIENT_AUTHENTICATE), What::kNever);
  EXPECT_EQ(answer_to(MONGOC_ERROR_STREAM, MONGOC_ERROR_STREAM_SOCKET), What::kAgain);
  EXPECT_EQ(answer_to(MONGOC_ERROR_SERVER_SELECTION, MONGOC_ERROR_SERVER_SELECTION_FAILURE),
            What::kAgain);
  EXPECT_EQ(answer_to(MONGOC_ERROR_WRITE_CONCERN, 64), What::kAgain);
  EXPECT_EQ(answer_to(0, 0), What::kAgain);
  EXPECT_EQ(read_answer(error_of(0, 0), nullptr).why, "the driver gives no reason");
}

// A reply with these write errors: index, code and text of each.
struct OneError {
  int index;
  int code;
  const char* text;
};
MongodbAnswer answer_with(std::initializer_list<OneError> errors, bool concern = false) {
  Bson reply;
  bson_t list;
  bson_append_array_begin(reply.get(), "writeErrors", -1, &list);
  int at = 0;
  for (const OneError& one : errors) {
    bson_t each;
    bson_append_document_begin(&list, std::to_string(at++).c_str(), -1, &each);
    BSON_APPEND_INT32(&each, "index", one.index);
    BSON_APPEND_INT32(&each, "code", one.code);
    BSON_APPEND_UTF8(&each, "errmsg", one.text);
    bson_append_document_end(&list, &each);
  }
  bson_append_array_end(reply.get(), &list);
  if (concern) {
    bson_append_array_begin(reply.get(), "writeConcernErrors", -1, &list);
    BSON_APPEND_UTF8(&list, "0", "too few");
    bson_append_array_end(reply.get(), &list);
  }
  return read_answer(error_of(MONGOC_ERROR_SERVER, 11000), reply.get());
}

TEST(MongodbAnswer, NamesTheRefusedDocumentsWithTheServersReason) {
  const MongodbAnswer answer =
      answer_with({{1, 11000, "E11000 index: email_1"}, {4, 121, "failed validation"}});
  EXPECT_EQ(answer.what, What::kDone);
  ASSERT_EQ(answer.refused.size(), 2U);
  EXPECT_EQ(answer.refused[0].operation, 1U);
  EXPECT_EQ(answer.refused[0].why, "E11000 index: email_1 (code 11000)");
  EXPECT_FALSE(answer.refused[0].same_id);
  EXPECT_EQ(answer.refused[1].operation, 4U);
  EXPECT_EQ(answer.refused[1].why, "failed validation (code 121)");
}

TEST(MongodbAnswer, RefusesEachDocumentThatNoRetryMends) {
  for (const int code : {11000, 121, 2, 28, 66}) {
    const MongodbAnswer answer = answer_with({{1, code, "as the server says"}});
    EXPECT_EQ(answer.what, What::kDone) << code;
    ASSERT_EQ(answer.refused.size(), 1U);
    EXPECT_EQ(answer.refused[0].why, "as the server says (code " + std::to_string(code) + ")");
  }
}

TEST(MongodbAnswer, KnowsARaceForTheSameId) {
  const MongodbAnswer answer = answer_with({{0, 11000, "E11000 index: _id_ dup key"}});
  ASSERT_EQ(answer.refused.size(), 1U);
  EXPECT_TRUE(answer.refused[0].same_id);
}

TEST(MongodbAnswer, TriesTheWholeBulkAgainWhenOneErrorPassesOrTheConcernIsNotMet) {
  EXPECT_EQ(answer_with({{0, 11000, "x"}, {1, 112, "conflict"}}).what, What::kAgain);
  EXPECT_EQ(answer_with({{0, 11000, "x"}}, true).what, What::kAgain);
  EXPECT_EQ(answer_with({{0, 13, "not authorized"}}).what, What::kNever);
}

}  // namespace
}  // namespace weir::sink
