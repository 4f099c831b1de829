// mongo_dump URI DATABASE COLLECTION: each document as a line of extended JSON that keeps types.
#include <cstdio>

#include <mongoc/mongoc.h>

int main(int count, char** arguments) {
  if (count != 4) return 64;
  mongoc_init();
  mongoc_client_t* client = mongoc_client_new(arguments[1]);
  if (client == nullptr) return 65;
  mongoc_collection_t* collection =
      mongoc_client_get_collection(client, arguments[2], arguments[3]);
  bson_t all = BSON_INITIALIZER;
  mongoc_cursor_t* cursor = mongoc_collection_find_with_opts(collection, &all, nullptr, nullptr);
  const bson_t* document = nullptr;
  while (mongoc_cursor_next(cursor, &document)) {
    char* text = bson_as_canonical_extended_json(document, nullptr);
    std::puts(text);
    bson_free(text);
  }
  bson_error_t error;
  const bool failed = mongoc_cursor_error(cursor, &error);
  if (failed) std::fprintf(stderr, "%s\n", error.message);
  mongoc_cursor_destroy(cursor);
  mongoc_collection_destroy(collection);
  mongoc_client_destroy(client);
  mongoc_cleanup();
  return failed ? 69 : 0;
}
