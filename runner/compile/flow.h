// Streams of rows between the steps of a job.
#pragma once

#include <string>
#include <utility>

#include "compile/row.h"
#include "compile/steps.h"
#include "job/plan.h"
#include <weir/builder.h>

namespace weir::compile {

using RowStream = Stream<Key, Row>;
using KeyedRows = Stream<std::string, Row>;

// The same stream, where the plan knows better how its records lie.
template <class K, class V>
Stream<K, V> lying(const Stream<K, V>& stream, KeyedBy keyed_by) {
  return {&stream.builder(), stream.edge().from, stream.edge().output, keyed_by};
}

// Adds a processor without state.
template <class K, class V, class P>
auto then(const Stream<K, V>& from, std::string kind, std::string name, std::string details,
          P processor, KeyedBy keyed_by) -> Stream<typename P::Out::Key, typename P::Out::Value> {
  using S = ProcessorStage<P, Record<K, V>>;
  StageSpec spec{.kind = std::move(kind), .name = std::move(name), .details = std::move(details)};
  spec.inputs = {from.edge()};
  spec.make = [processor = std::move(processor)] { return std::make_unique<S>(processor, false); };
  return {&from.builder(), from.builder().add(std::move(spec)), 0, keyed_by};
}

// Where records lie that got the key a step wants: `repartition` is what the plan says of their
// fields; what no topic has brought together yet has to move all the same.
inline KeyedBy after(bool repartition, const RowStream& rows) {
  return repartition || rows.keyed_by() == KeyedBy::nobody ? KeyedBy::nobody : KeyedBy::producers;
}

// "a, b": expressions as they are written.
std::string in_words(const std::vector<job::Program>& programs);

// join.cpp: the steps that need two streams.
RowStream compile_join(const job::StepPlan& step, const RowStream& left, const RowStream& right);
// The records that find no partner go to `unmatched`.
struct Matches {
  RowStream pairs;
  RowStream unmatched;
};
Matches compile_match(const job::StepPlan& step, const RowStream& left, const RowStream& right);

// aggregate.cpp. An Error for what this version does not do.
Result<RowStream> compile_aggregate(const job::StepPlan& step, const std::string& late_topic,
                                    const RowStream& rows);

}  // namespace weir::compile
