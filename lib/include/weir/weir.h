// weir: topologies over Kafka topics, with state that survives. Start here.
//
//   topic.h      declare topics with their types
//   builder.h    where a topology starts and is checked
//   stream.h     the operators; grouped.h windows and aggregates; join.h joins
//   aggregate.h  counts, sums, sets ...: aggregates that merge
//   processor.h  operators of your own, with stores (store.h)
//   testing.h    TestDriver: run a topology without a broker
#pragma once

#include <weir/aggregate.h>
#include <weir/builder.h>
#include <weir/error.h>
#include <weir/grouped.h>
#include <weir/join.h>
#include <weir/json.h>
#include <weir/processor.h>
#include <weir/record.h>
#include <weir/serde.h>
#include <weir/store.h>
#include <weir/stream.h>
#include <weir/testing.h>
#include <weir/time.h>
#include <weir/topic.h>
#include <weir/topology.h>
#include <weir/windows.h>
