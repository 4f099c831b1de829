// From a job's words about a sink to the sink.
#pragma once

#include "expression/schema.h"
#include "job/plan.h"
#include <weir/error.h>
#include <weir/mongodb_sink.h>
#include <weir/postgres_sink.h>
#include <weir/sink.h>
#include <weir/sink_column.h>

namespace weir::run {

// REQUIRES: a plan of that kind; `schema` is that of its results.
MongodbOptions mongodb_options_of(const job::SinkPlan& plan, const expression::Schema& schema);
PostgresOptions postgres_options_of(const job::SinkPlan& plan, const expression::Schema& schema);

Result<OpenSink> mongodb_sink_of(const job::SinkPlan& plan, const expression::Schema& schema,
                                 SinkLog log);
Result<OpenSink> postgres_sink_of(const job::SinkPlan& plan, const expression::Schema& schema,
                                  SinkLog log);
// A file, or a folder of files that are named after the job and the sink.
Result<OpenSink> file_sink_of(const job::SinkPlan& plan, const expression::Schema& schema,
                              const std::string& job);

}  // namespace weir::run
