// Results as rows of a PostgreSQL table, one for each id: a result that is written again overwrites
// itself.
//
//   config.sinks["revenue"] = *postgres_sink({.uri = "postgresql://localhost/shop",
//                                             .table = "revenue",
//                                             .id = {"window_start"}});
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <weir/error.h>
#include <weir/sink.h>
#include <weir/sink_column.h>

namespace weir {

enum class PostgresWrite {
  upsert,  // The row of that id gets the result's values.
  insert,  // The first result of an id stays.
};

struct PostgresOptions {
  std::string uri{};              // A URI or keywords, as libpq takes them.
  std::string table{};            // "table" or "schema.table".
  std::vector<std::string> id{};  // Columns of the primary key or of a unique index.
  PostgresWrite write = PostgresWrite::upsert;
  bool create = false;                // The table, if it is missing.
  std::vector<SinkColumn> columns{};  // Empty: those that the table has.
  std::size_t batch_records = 1000;   // In one statement.
  Duration batch_every{200};          // The longest that a result waits for others.
  int in_flight = 2;                  // Statements at a time, each on its own connection; 0: the
                                      // worker waits for the one.
  SinkRetry retry{};
  SinkLog log{};
};

// Whether a server could be there: no network is needed. The Error shows nothing of the address but
// the names of its options.
Status check_postgres_address(const std::string& uri);

// An Error when the address is wrong. A field is written to the column of its name: numbers, texts
// and times as the column's type reads them, objects and arrays as JSON. When the sink is opened
// the table is checked with a statement that writes nothing: a job ends at once that names columns
// which are not there, an id without a unique index, or a table that this user may not write. A
// server that does not answer is waited for as `retry` says, then and later.
//
// Refused, with the server's reason, is a row that the server refuses, while the others of its
// batch are written; and a record that is no JSON object.
Result<OpenSink> postgres_sink(PostgresOptions options);

}  // namespace weir
