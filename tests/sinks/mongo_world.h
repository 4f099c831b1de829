// The MongoDB server of a test, and what is in its collections.
#pragma once

#include <algorithm>
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

// "mongodb://user:password@127.0.0.1:27017/?authSource=admin", in parts. One host.
struct MongoAddress {
  explicit MongoAddress(const std::string& uri) {
    const std::size_t scheme = uri.find("://") + 3;
    const std::size_t slash = std::min(uri.find('/', scheme), uri.size());
    const std::size_t at = uri.rfind('@', slash);
    const std::size_t begin = at != std::string::npos && at > scheme ? at + 1 : scheme;
    const std::string place = uri.substr(begin, slash - begin);
    const std::size_t colon = place.rfind(':');
    login = uri.substr(scheme, begin - scheme);
    host = place.substr(0, colon);
    port = colon == std::string::npos ? "27017" : place.substr(colon + 1);
    const std::size_t question = uri.find('?', slash);
    if (question != std::string::npos) options = "&" + uri.substr(question + 1);
  }
  // The same server on that port of ours, with more options; it is not asked for its replicas.
  std::string through(int proxy_port, const std::string& more = "directConnection=true") const {
    return "mongodb://" + login + "127.0.0.1:" + std::to_string(proxy_port) + "/?" + more + options;
  }

  std::string login, host, port, options;
};

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
