// The start of a job: rows of a topic, which know where they were read.
#pragma once

#include "compile/flow.h"
#include <weir/stage.h>
#include <weir/topic.h>

namespace weir::compile {

// As Builder::stream. `own_time`: the value holds its event time, found by its decoder.
RowStream row_stream(Builder& builder, const Topic<Key, Row>& topic, bool own_time,
                     SourceOptions options);

}  // namespace weir::compile
