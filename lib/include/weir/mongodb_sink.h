// Results as documents of a MongoDB collection, one for each key: a result that is written again
// overwrites itself.
//
//   config.sinks["pairs"] = *mongodb_sink({.uri = "mongodb://localhost:27017",
//                                          .database = "shop",
//                                          .collection = "pairs"});
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <weir/error.h>
#include <weir/sink.h>
#include <weir/sink_column.h>

namespace weir {

enum class MongodbWrite {
  upsert,  // The document of that id is replaced by the result.
  merge,   // The result's fields are set in it, others stay.
  insert,  // The first result of an id stays, whatever comes later.
};
enum class MongodbDecimals { decimal128, real, text };
enum class MongodbTimes { date, text };

struct MongodbOptions {
  std::string uri{};  // As the driver takes it: mongodb+srv, TLS, SCRAM, pool and time-outs.
  std::string database{};
  std::string collection{};
  MongodbWrite write = MongodbWrite::upsert;
  bool integer_ids = false;  // `_id` is the key as a 64-bit integer; else it is the key as text.
  MongodbDecimals decimals = MongodbDecimals::decimal128;
  MongodbTimes times = MongodbTimes::date;
  std::vector<SinkColumn> columns{};  // Fields that are not named here are what their JSON is.
  std::size_t batch_records = 1000;   // In one command.
  Duration batch_every{200};          // The longest that a result waits for others.
  int in_flight = 2;                  // Commands at a time, each on its own connection; 0: the
                                      // worker waits for the one.
  SinkRetry retry{};
  SinkLog log{};  // Of the driver as well, which has one: the oldest sink's.
};

// Whether a server could be there: no network is needed. The Error shows no password.
Status check_mongodb_address(const std::string& uri);

// An Error when the address is wrong. Nothing is connected before the sink is opened: then the
// server is asked whether this user may write there, and a job that may not ends at once. A server
// that does not answer is waited for as `retry` says, then and later.
//
// A record without a value deletes the document of its key. Refused, with the server's reason, is
// what the server refuses; and a record without a key, one that is no JSON object, one over 16 MiB,
// nested over 100 deep, or with a field that MongoDB cannot have. A field `_id` gives way to the
// key.
Result<OpenSink> mongodb_sink(MongodbOptions options);

}  // namespace weir
