// From a checked job to a topology that can be run: a client of the DSL like any program.
//
//   Result<CompiledJob> compiled = compile(*loaded.plan);
//   if (!compiled) return complain(compiled.error());
//   App app(config, compiled->topology);
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compile/key_check.h"
#include "compile/steps.h"
#include "job/plan.h"
#include <weir/error.h>
#include <weir/topology.h>

namespace weir::compile {

// A sink of the job and the name that the topology has for it: the topic that is written, or for
// other kinds a name that stands for none, which the caller binds by AppConfig::sinks. Records come
// with the key that the sink's plan asks for; of a document or row its id is the key.
struct CompiledSink {
  std::string topic;
  const job::SinkPlan& plan;  // Of the plan that was compiled.
  const job::Schema& schema;  // Of its records.
};

struct CompiledJob {
  Topology topology;
  std::map<std::string, std::shared_ptr<const KeyMismatches>> key_mismatches;  // By stream.
  std::vector<CompiledSink> sinks;  // All, also those of routes and of what joins leave unmatched.
};

// An Error for what the plan may hold but this version does not run yet. Lines of steps `log` go to
// `log`, from worker threads; nowhere without one.
// REQUIRES: `plan` outlives the result and every task made from its topology.
Result<CompiledJob> compile(const job::JobPlan& plan, LogLine log = {});

}  // namespace weir::compile
