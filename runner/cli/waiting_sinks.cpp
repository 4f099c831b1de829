#include "cli/waiting_sinks.h"

#include "job/diagnostic_print.h"

namespace weir::cli {

std::map<std::string, std::string> waiting_sinks(const run::RunningJob& job) {
  std::map<std::string, std::string> waiting;
  for (const AppSnapshot::Sink& sink : job.snapshot().sinks) {
    if (!sink.waiting) continue;
    const auto known = job.setup().sinks.find(sink.name);
    // Under the name that the topology has for it no user knows it.
    const std::string prefix = "the sink '" + sink.name + "': ";
    waiting[known != job.setup().sinks.end() ? known->second : sink.name] =
        sink.why.starts_with(prefix) ? sink.why.substr(prefix.size()) : sink.why;
  }
  return waiting;
}

std::string waiting_json(const std::map<std::string, std::string>& waiting) {
  std::string out = "{";
  for (const auto& [sink, why] : waiting) {
    if (out.size() > 1) out += ",";
    out +=
        job::json_quoted(sink) + ":" + job::json_quoted(why.empty() ? "it was not heard yet" : why);
  }
  return out + "}";
}

}  // namespace weir::cli
