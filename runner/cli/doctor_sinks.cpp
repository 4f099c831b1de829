#include <unistd.h>

#include "cli/doctor.h"
#include "run/server_sink.h"
#include <weir/sink_look.h>

namespace weir::cli {

namespace {

namespace fs = std::filesystem;
using Kind = job::SinkPlan::Kind;

constexpr std::uintmax_t kRoomLeast = std::uintmax_t{1} << 20;

void judge_server(const std::string& name, const SinkLook& look, const std::string& made,
                  Findings& into) {
  switch (look.is) {
    case SinkLook::Is::ready:
      return into.ok("sinks", name + " is there and can be written");
    case SinkLook::Is::missing:
      return into.ok("sinks", name + " is not there; " + made);
    case SinkLook::Is::unreachable:
      return into.bad("sinks", look.why,
                      "the job would wait, and go on by itself: bring the server back");
    case SinkLook::Is::refused:
      return into.bad("sinks", look.why, "the job would end: correct its sink, or the rights");
  }
}

void judge_folder(const job::SinkPlan& plan, Findings& into) {
  std::error_code failed;
  fs::path there = fs::absolute(plan.file->path, failed);
  const bool is_there = fs::exists(there, failed);
  while (!fs::exists(there, failed) && there != there.parent_path()) there = there.parent_path();
  if (::access(there.c_str(), W_OK) != 0) {
    return into.bad("sinks", plan.file->path + ": this user may not write in " + there.string(),
                    "give the job's user the right, or write elsewhere");
  }
  const bool on_disk = fs::is_directory(there, failed) || fs::is_regular_file(there, failed);
  const auto space = fs::space(there, failed);
  if (on_disk && !failed && space.available < kRoomLeast) {
    return into.bad("sinks", plan.file->path + ": its disk is full",
                    "the job would wait, and go on by itself: make room");
  }
  into.ok("sinks", plan.file->path + (is_there ? " can be written" : " can be made"));
}

}  // namespace

void judge_sinks(const PreparedJob& job, Findings& into) {
  for (const compile::CompiledSink& sink : job.sinks) {
    if (sink.plan.kind == Kind::mongodb) {
      judge_server(
          "collection " + sink.plan.mongodb->database + "." + sink.plan.mongodb->collection,
          look_at(run::mongodb_options_of(sink.plan, sink.schema)), "the first result makes it",
          into);
    } else if (sink.plan.kind == Kind::postgres) {
      judge_server("table " + sink.plan.postgres->table,
                   look_at(run::postgres_options_of(sink.plan, sink.schema)), "the job makes it",
                   into);
    } else if (sink.plan.kind == Kind::file) {
      judge_folder(sink.plan, into);
    }
  }
}

}  // namespace weir::cli
