#include "run/no_sink.h"

namespace weir::run {

namespace {

class NoSink final : public Sink {
 public:
  SinkAnswer write(std::span<const SinkRecord>) override { return {}; }
  SinkAnswer flush() override { return {}; }
  void close() override {}
};

}  // namespace

OpenSink no_sink() {
  return [](int) -> Result<std::unique_ptr<Sink>> {
    return std::unique_ptr<Sink>(std::make_unique<NoSink>());
  };
}

}  // namespace weir::run
