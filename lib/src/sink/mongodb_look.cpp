#include "sink/bson.h"
#include "sink/mongodb_client.h"
#include "sink/sink_look.h"

namespace weir {

namespace {

// A collection that is not there is not asked for: servers differ in what makes one.
bool is_missing(sink::MongodbPool& pool, const MongodbOptions& options) {
  mongoc_client_t* client = mongoc_client_pool_pop(pool.get());
  mongoc_database_t* database = mongoc_client_get_database(client, options.database.c_str());
  bson_error_t error{};
  const bool there = mongoc_database_has_collection(database, options.collection.c_str(), &error);
  mongoc_database_destroy(database);
  mongoc_client_pool_push(pool.get(), client);
  return !there && error.code == 0;
}

}  // namespace

SinkLook look_at(const MongodbOptions& options) {
  const auto pool = sink::MongodbPool::open(options.uri, {});  // The driver's log goes nowhere.
  if (!pool) return {SinkLook::Is::refused, pool.error().to_string()};
  if (is_missing(**pool, options)) return {SinkLook::Is::missing, ""};
  std::string heard;
  MongodbOptions quiet = options;
  quiet.log = sink::hear_warnings(heard);
  return sink::look_by_opening(mongodb_sink(std::move(quiet)), heard);
}

}  // namespace weir
