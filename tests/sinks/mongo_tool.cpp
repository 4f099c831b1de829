// mongo_tool URI DATABASE COLLECTION dump          each document as a line of extended JSON
//                                    count         how many there are
//                                    unique FIELD  makes a unique index
//                                    put JSON      inserts a document
#include <cstdio>
#include <string>

#include <mongoc/mongoc.h>

namespace {

int failed(const bson_error_t& error) {
  std::fprintf(stderr, "%s\n", error.message);
  return 69;
}

int dump(mongoc_collection_t* collection) {
  bson_t all = BSON_INITIALIZER;
  mongoc_cursor_t* cursor = mongoc_collection_find_with_opts(collection, &all, nullptr, nullptr);
  const bson_t* document = nullptr;
  while (mongoc_cursor_next(cursor, &document)) {
    char* text = bson_as_canonical_extended_json(document, nullptr);
    std::puts(text);
    bson_free(text);
  }
  bson_error_t error;
  const int status = mongoc_cursor_error(cursor, &error) ? failed(error) : 0;
  mongoc_cursor_destroy(cursor);
  return status;
}

int count(mongoc_collection_t* collection) {
  bson_error_t error{};
  const std::int64_t found =
      mongoc_collection_estimated_document_count(collection, nullptr, nullptr, nullptr, &error);
  if (found < 0) return failed(error);
  std::printf("%lld\n", static_cast<long long>(found));
  return 0;
}

int make_unique(mongoc_collection_t* collection, const char* field) {
  bson_t* const command =
      BCON_NEW("createIndexes", BCON_UTF8(mongoc_collection_get_name(collection)), "indexes", "[",
               "{", "key", "{", field, BCON_INT32(1), "}", "name", BCON_UTF8(field), "unique",
               BCON_BOOL(true), "}", "]");
  bson_error_t error{};
  const bool good = mongoc_collection_command_simple(collection, command, nullptr, nullptr, &error);
  bson_destroy(command);
  return good ? 0 : failed(error);
}

int put(mongoc_collection_t* collection, const char* json) {
  bson_error_t error{};
  bson_t* const document =
      bson_new_from_json(reinterpret_cast<const std::uint8_t*>(json), -1, &error);
  if (document == nullptr) return failed(error);
  const bool good = mongoc_collection_insert_one(collection, document, nullptr, nullptr, &error);
  bson_destroy(document);
  return good ? 0 : failed(error);
}

int work(mongoc_collection_t* collection, const std::string& what, const char* how) {
  if (what == "dump") return dump(collection);
  if (what == "count") return count(collection);
  if (what == "unique" && how != nullptr) return make_unique(collection, how);
  if (what == "put" && how != nullptr) return put(collection, how);
  return 64;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 5) return 64;
  mongoc_init();
  mongoc_client_t* client = mongoc_client_new(arguments[1]);
  if (client == nullptr) return 65;
  mongoc_collection_t* collection =
      mongoc_client_get_collection(client, arguments[2], arguments[3]);
  const int status = work(collection, arguments[4], arguments[5]);
  mongoc_collection_destroy(collection);
  mongoc_client_destroy(client);
  mongoc_cleanup();
  return status;
}
