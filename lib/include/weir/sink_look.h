// What a sink's server says before a job runs. Nothing is made or written there.
#pragma once

#include <string>

#include <weir/mongodb_sink.h>
#include <weir/postgres_sink.h>

namespace weir {

struct SinkLook {
  enum class Is {
    ready,        // Results can be written now.
    missing,      // So they can, but the collection or table is not there yet.
    unreachable,  // A job would wait for it.
    refused,      // A job would end: `why` says for what.
  };
  Is is = Is::ready;
  std::string why{};
};

SinkLook look_at(const MongodbOptions& options);
SinkLook look_at(const PostgresOptions& options);

}  // namespace weir
