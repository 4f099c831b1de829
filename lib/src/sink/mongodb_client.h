// The driver's things as values of ours: its start, its log, a pool, a client of it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <mongoc/mongoc.h>

#include "sink/mongodb_answer.h"
#include <weir/error.h>
#include <weir/sink_column.h>

namespace weir::sink {

class MongodbPool {
 public:
  // An Error for an address that cannot be one, and for options that the driver does not know: it
  // would only have logged them. The driver has one log for all: it goes to that of the oldest pool
  // that is still there.
  static Result<std::shared_ptr<MongodbPool>> open(const std::string& uri, SinkLog log);
  static Status check_address(const std::string& uri);
  ~MongodbPool();
  MongodbPool(const MongodbPool&) = delete;
  MongodbPool& operator=(const MongodbPool&) = delete;

  mongoc_client_pool_t* get() const { return pool_; }
  // "host:27017, other:27017": fit to be shown.
  const std::string& hosts() const { return hosts_; }
  // The text without the password, should a server repeat it.
  std::string without_secrets(std::string text) const;

 private:
  MongodbPool(mongoc_client_pool_t* pool, std::string hosts, std::vector<std::string> secrets)
      : pool_(pool), hosts_(std::move(hosts)), secrets_(std::move(secrets)) {}

  mongoc_client_pool_t* const pool_;
  const std::string hosts_;
  const std::vector<std::string> secrets_;
};

// One thread's way to a collection.
class MongodbCollection {
 public:
  // An Error when the pool has no more clients, and the address says how many there may be.
  static Result<std::unique_ptr<MongodbCollection>> open(std::shared_ptr<MongodbPool> pool,
                                                         const std::string& database,
                                                         const std::string& name);
  ~MongodbCollection();
  MongodbCollection(const MongodbCollection&) = delete;
  MongodbCollection& operator=(const MongodbCollection&) = delete;

  const MongodbPool& pool() const { return *pool_; }
  mongoc_collection_t* get() const { return collection_; }

  // Whether the server is there, and whether this user may write here.
  MongodbAnswer check();
  // Unique indexes besides that of `_id`, "email_1, name_1": documents that repeat one are refused.
  std::string unique_indexes();

 private:
  MongodbCollection(std::shared_ptr<MongodbPool> pool, mongoc_client_t* client,
                    const std::string& database, const std::string& name);

  const std::shared_ptr<MongodbPool> pool_;
  const std::string database_;
  const std::string name_;
  mongoc_client_t* const client_;
  mongoc_collection_t* const collection_;
};

}  // namespace weir::sink
