#include "run/sink_replay.h"

#include <chrono>
#include <thread>

#include "run/server_sink.h"

namespace weir::run {

namespace {

using Kind = job::SinkPlan::Kind;

constexpr std::chrono::seconds kServerWait{30};
constexpr Duration kPause{100};

}  // namespace

SinkReplay::SinkReplay(const std::vector<compile::CompiledSink>& sinks) {
  for (const compile::CompiledSink& sink : sinks) {
    const bool on_server = sink.plan.kind == Kind::mongodb || sink.plan.kind == Kind::postgres;
    if (on_server) sinks_.emplace(sink.topic, sink);
  }
}

const std::string* SinkReplay::sink_of(const DeadLetter& letter) const {
  if (letter.from_partition >= 0) return nullptr;
  const auto found = sinks_.find(letter.topic);
  return found == sinks_.end() ? nullptr : &found->second.plan.name;
}

bool SinkReplay::open(const compile::CompiledSink& sink) {
  if (opened_.contains(sink.topic)) return true;
  Result<OpenSink> opening = sink.plan.kind == Kind::mongodb
                                 ? mongodb_sink_of(sink.plan, sink.schema, {})
                                 : postgres_sink_of(sink.plan, sink.schema, {});
  Result<std::unique_ptr<Sink>> opened =
      opening ? (*opening)(0) : Result<std::unique_ptr<Sink>>(opening.error());
  if (!opened) {
    why_ = opened.error().to_string();
    return false;
  }
  opened_.emplace(sink.topic, std::move(*opened));
  return true;
}

SinkReplay::Written SinkReplay::write(const DeadLetter& letter) {
  if (!letter.value) {  // Nothing to write would mean: delete.
    why_ = "the letter came without its value, which was too large";
    return Written::refused;
  }
  const auto found = sinks_.find(letter.topic);
  if (!open(found->second)) return Written::failed;
  Sink& sink = *opened_.find(letter.topic)->second;
  const std::vector<SinkRecord> batch{
      {.key = letter.key, .value = letter.value, .timestamp = letter.time}};
  const auto deadline = std::chrono::steady_clock::now() + kServerWait;
  for (;;) {
    SinkAnswer answer = sink.write(batch);
    if (answer.what == SinkAnswer::What::done && !answer.refused.empty()) {
      why_ = answer.refused.front().why;
      return Written::refused;
    }
    if (answer.what == SinkAnswer::What::done) answer = sink.flush();
    if (answer.what == SinkAnswer::What::done) return Written::done;
    why_ = answer.why;
    const bool late = std::chrono::steady_clock::now() >= deadline;
    if (answer.what == SinkAnswer::What::never || late) return Written::failed;
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace weir::run
