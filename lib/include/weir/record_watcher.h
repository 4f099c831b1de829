// Looks at records on their way between the stages of a running job: for `weir tap`. While nobody
// does, a record pays one branch for each output it leaves by.
#pragma once

#include <typeindex>

namespace weir {

class RecordWatcher {
 public:
  virtual ~RecordWatcher() = default;

  // Whether it wants the records that leave a stage, named by its place in Topology::stages(), by
  // one of its outputs. Asked when it is set.
  virtual bool wants(int stage, int output) const = 0;

  // One of those: `record` is a Record of the type `type`, and its views are valid during the call.
  // Called from worker threads, several at a time, in the middle of their work: be quick.
  virtual void on_record(int stage, int output, std::type_index type, const void* record) = 0;
};

}  // namespace weir
