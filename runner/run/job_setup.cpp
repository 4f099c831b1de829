#include "run/job_setup.h"

#include <chrono>
#include <cstdlib>
#include <set>

#include <unistd.h>

#include "job/diagnostic.h"
#include "run/console_sink.h"
#include "run/no_sink.h"
#include "run/server_sink.h"
#include <weir/file_sink.h>
#include <weir/time_format.h>

namespace weir::run {

namespace {

using job::SinkPlan;
using Refusal = std::optional<SetupRefusal>;

// Shorter than what weir@.service, packaging/kubernetes and Spot machines of Dataproc give before
// they kill.
constexpr Duration kStopWait{12'000};

std::string_view kind_name(SinkPlan::Kind kind) {
  switch (kind) {
    case SinkPlan::Kind::topic:
      return "topic";
    case SinkPlan::Kind::mongodb:
      return "mongodb";
    case SinkPlan::Kind::postgres:
      return "postgres";
    case SinkPlan::Kind::file:
      return "file";
    case SinkPlan::Kind::console:
      return "console";
  }
  return "";
}

bool is_called(const SinkPlan& sink, const std::string& name) {
  return sink.name == name || sink.topic == name || kind_name(sink.kind) == name;
}

Refusal usage(std::string text, std::string hint = "") {
  return SetupRefusal{true, Error{std::move(text), std::move(hint)}};
}
Refusal unfit(std::string text, std::string hint = "") {
  return SetupRefusal{false, Error{std::move(text), std::move(hint)}};
}

class SinkBinder {
 public:
  SinkBinder(const SetupOptions& options, JobSetup& into) : options_(options), into_(into) {}

  Refusal bind(const compile::CompiledSink& sink) {
    into_.sinks[sink.topic] = sink.plan.name;
    known_.push_back(sink.plan.name);
    for (const auto& [name, what] : options_.replaced_sinks) {
      if (!is_called(sink.plan, name)) continue;
      used_.insert(name);
      return replace(sink, name, what);
    }
    return bind_as_planned(sink);
  }

  // Each name has to mean a sink of some job.
  const std::set<std::string>& used() const { return used_; }
  Refusal check_names() const {
    for (const auto& [name, what] : options_.replaced_sinks) {
      if (used_.contains(name)) continue;
      return usage("--replace-sink: the job '" + into_.name + "' has no sink '" + name + "'",
                   job::did_you_mean(name, known_));
    }
    return std::nullopt;
  }

 private:
  Refusal replace(const compile::CompiledSink& sink, const std::string& name,
                  const std::string& what) {
    if (what == "none") {
      into_.config.sinks[sink.topic] = no_sink();
      into_.unwanted.insert(sink.topic);
    } else if (what == "console") {
      into_.config.sinks[sink.topic] =
          console_sink({.title = sink.plan.name, .columns = {}, .screen = options_.screen});
    } else if (what.starts_with("file:") && what.size() > 5) {
      return bound(sink, file_sink({.path = what.substr(5)}));
    } else {
      return usage("--replace-sink " + name + "=" + what +
                   ": a sink is replaced by console, none or file:PATH");
    }
    return std::nullopt;
  }

  Refusal bound(const compile::CompiledSink& sink, Result<OpenSink> opening) {
    if (!opening && options_.keep_wrong_sinks) {
      into_.config.sinks[sink.topic] = no_sink();
      return std::nullopt;
    }
    if (!opening) {
      return unfit("the sink '" + sink.plan.name + "': " + opening.error().text,
                   opening.error().hint);
    }
    into_.config.sinks[sink.topic] = std::move(*opening);
    return std::nullopt;
  }

  Refusal bind_as_planned(const compile::CompiledSink& sink) {
    const SinkPlan& plan = sink.plan;
    if (plan.kind == SinkPlan::Kind::topic) return std::nullopt;
    if (plan.kind == SinkPlan::Kind::console) {
      into_.config.sinks[sink.topic] = console_sink({.title = plan.console->title,
                                                     .columns = plan.console->columns,
                                                     .screen = options_.screen});
      return std::nullopt;
    }
    if (plan.kind == SinkPlan::Kind::mongodb) {
      return bound(sink, mongodb_sink_of(plan, sink.schema, options_.sink_log));
    }
    if (plan.kind == SinkPlan::Kind::postgres) {
      return bound(sink, postgres_sink_of(plan, sink.schema, options_.sink_log));
    }
    return bound(sink, file_sink_of(plan, sink.schema, into_.name));
  }

  const SetupOptions& options_;
  JobSetup& into_;
  std::vector<std::string> known_;
  std::set<std::string> used_;
};

Refusal read_from(const std::string& text, Timestamp& from) {
  if (text == "earliest") {
    from = kNoTime;
  } else if (text == "latest") {
    from = kEndOfTime;
  } else if (!parse_time(text, {}, from)) {
    return usage("--from: '" + text + "' is not earliest, latest or a time");
  }
  return std::nullopt;
}

}  // namespace

std::string default_state_dir() {
  const std::string system = "/var/lib/weir";
  if (access(system.c_str(), W_OK) == 0 || access("/var/lib", W_OK) == 0) return system;
  if (const char* own = std::getenv("XDG_STATE_HOME"); own != nullptr && *own == '/') {
    return std::string(own) + "/weir";
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/') {
    return std::string(home) + "/.local/state/weir";
  }
  return system;
}

std::set<std::string> replaced_sinks(const SetupOptions& options,
                                     const std::vector<compile::CompiledSink>& sinks) {
  std::set<std::string> replaced;
  for (const compile::CompiledSink& sink : sinks) {
    for (const auto& [name, what] : options.replaced_sinks) {
      if (is_called(sink.plan, name)) replaced.insert(sink.topic);
    }
  }
  return replaced;
}

Refusal set_up(const job::JobPlan& plan, compile::CompiledJob compiled, const SetupOptions& options,
               JobSetup& into) {
  into.name = plan.name;
  AppConfig& config = into.config;
  config.id = plan.name;
  config.brokers = options.connection.brokers;
  config.properties = {options.connection.properties.begin(), options.connection.properties.end()};
  config.state_dir =
      options.state_dir.value_or(plan.state.dir.empty() ? default_state_dir() : plan.state.dir);
  config.guarantee = plan.kafka.exactly_once ? Guarantee::exactly_once : Guarantee::at_least_once;
  config.membership = plan.kafka.static_membership ? Membership::fixed : Membership::dynamic;
  config.threads = options.threads.value_or(plan.kafka.threads);
  config.commit_every = Duration(plan.kafka.commit_every_ms);
  config.partitions = plan.kafka.topics.partitions.value_or(0);
  config.replicas = plan.kafka.topics.replication.value_or(-1);
  config.make_results = plan.kafka.topics.create;
  config.stop_wait = kStopWait;
  config.dead_letter_limit.share = plan.errors.stop_above_share;
  config.dead_letter_limit.over = Duration(plan.errors.stop_above_over_ms);
  config.until_end = options.until_end;
  config.drain = options.drain;
  if (Refusal wrong = read_from(options.from.value_or(plan.kafka.start), config.from)) return wrong;
  for (const job::StreamPlan& stream : plan.streams) into.streams[stream.topic] = stream.name;
  SinkBinder binder(options, into);
  for (const compile::CompiledSink& sink : compiled.sinks) {
    if (Refusal wrong = binder.bind(sink)) return wrong;
  }
  if (Refusal wrong = binder.check_names()) return wrong;
  into.topology = std::move(compiled.topology);
  into.key_mismatches = std::move(compiled.key_mismatches);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  into.loaded = std::chrono::duration_cast<Duration>(now).count();
  return std::nullopt;
}

}  // namespace weir::run
