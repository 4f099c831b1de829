// Gives what sinks on servers refused to them again: documents and rows by their keys, so that one
// that is written twice is there once.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "compile/compile.h"
#include "run/dead_letters.h"
#include <weir/sink.h>

namespace weir::run {

class SinkReplay {
 public:
  // REQUIRES: the plan of `sinks` outlives this.
  explicit SinkReplay(const std::vector<compile::CompiledSink>& sinks);

  // What the sink is called that refused it, when the job has such a one; else null.
  const std::string* sink_of(const DeadLetter& letter) const;

  enum class Written { done, refused, failed };
  // REQUIRES: sink_of() is not null.
  Written write(const DeadLetter& letter);
  // Of the last that was refused, or failed.
  const std::string& why() const { return why_; }

 private:
  bool open(const compile::CompiledSink& sink);

  std::map<std::string, compile::CompiledSink, std::less<>> sinks_;  // By the topology's names.
  std::map<std::string, std::unique_ptr<Sink>, std::less<>> opened_;
  std::string why_;
};

}  // namespace weir::run
