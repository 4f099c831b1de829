// The MongoDB server of a test, and what is in its collections.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include <mongoc/mongoc.h>

#include <weir/mongodb_sink.h>
#include <weir/sink.h>

namespace weir::tests {

inline std::string variable(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? "" : text;
}

// "mongodb://127.0.0.1:27017/" has the port 27017.
inline int port_of(const std::string& uri) {
  return std::atoi(uri.c_str() + uri.find_last_of(':') + 1);
}

// A collection of a name that no other test has, gone with the test.
class MongoCollection {
 public:
  explicit MongoCollection(const std::string& uri, std::string name)
      : name_(std::move(name)), client_(mongoc_client_new(uri.c_str())) {
    collection_ = mongoc_client_get_collection(client_, "weir_tests", name_.c_str());
    mongoc_collection_drop(collection_, nullptr);
  }
  ~MongoCollection() {
    mongoc_collection_drop(collection_, nullptr);
    mongoc_collection_destroy(collection_);
    mongoc_client_destroy(client_);
  }
  MongoCollection(const MongoCollection&) = delete;
  MongoCollection& operator=(const MongoCollection&) = delete;

  const std::string& name() const { return name_; }
  mongoc_collection_t* get() const { return collection_; }

  // All documents, by id, as extended JSON that keeps every type.
  std::vector<std::string> documents() const {
    std::vector<std::string> found;
    bson_t* const sorted = BCON_NEW("sort", "{", "_id", BCON_INT32(1), "}");
    bson_t all = BSON_INITIALIZER;
    mongoc_cursor_t* cursor = mongoc_collection_find_with_opts(collection_, &all, sorted, nullptr);
    const bson_t* document = nullptr;
    while (mongoc_cursor_next(cursor, &document)) {
      char* text = bson_as_canonical_extended_json(document, nullptr);
      found.emplace_back(text);
      bson_free(text);
    }
    mongoc_cursor_destroy(cursor);
    bson_destroy(sorted);
    return found;
  }

  void add_unique_index(const std::string& field) {
    bson_t* const command = BCON_NEW("createIndexes", BCON_UTF8(name_.c_str()), "indexes", "[", "{",
                                     "key", "{", field.c_str(), BCON_INT32(1), "}", "name",
                                     BCON_UTF8(field.c_str()), "unique", BCON_BOOL(true), "}", "]");
    mongoc_client_command_simple(client_, "weir_tests", command, nullptr, nullptr, nullptr);
    bson_destroy(command);
  }

 private:
  const std::string name_;
  mongoc_client_t* client_;
  mongoc_collection_t* collection_;
};

}  // namespace weir::tests
