// A job file in a TestDriver: records in and out as bytes.
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "compile/compile.h"
#include "job/diagnostic_print.h"
#include "job/load.h"
#include <weir/testing.h>

namespace weir::compile {

inline constexpr Timestamp kStart = 1'764'000'000'000;  // 2025-11-24T16:00:00Z

class JobAtWork {
 public:
  explicit JobAtWork(std::string text, TestOptions options = {},
                     std::vector<std::pair<std::string, std::string>> set = {})
      : source_("job.yaml", std::move(text)), found_(source_) {
    job::LoadOptions how;
    how.outside.environment = [](const std::string&) { return std::nullopt; };
    how.set = std::move(set);
    loaded_ = job::load_job(found_, how);
    if (!loaded_.plan) throw std::runtime_error(job::print_plain(found_.all()));
    Result<CompiledJob> compiled =
        compile(*loaded_.plan, [this](std::string_view level, std::string_view line) {
          lines_.push_back(std::string(level) + ": " + std::string(line));
        });
    if (!compiled) throw std::runtime_error(compiled.error().to_string());
    for (const CompiledSink& sink : compiled->sinks) sinks_.push_back(sink.topic);
    topology_ = compiled->topology;
    key_mismatches_ = compiled->key_mismatches;
    options.wall_clock = kStart;
    driver_ = std::make_unique<TestDriver>(std::move(compiled->topology), std::move(options));
  }

  static std::string shipped(const std::string& name) {
    Result<job::Source> file = job::Source::read(std::string(WEIR_SOURCE_DIR) + "/jobs/" + name);
    if (!file) throw std::runtime_error(file.error().to_string());
    return std::string(file->text());
  }

  void send(const std::string& topic, const std::string& value, Timestamp at = 0, int partition = 0,
            std::optional<std::string> key = std::nullopt) {
    LogRecord record{partition, 0, kStart + at};
    record.key = std::move(key);
    record.value = value;
    driver_->send(topic, record);
  }
  // "key value" of each record; without its key "value".
  std::vector<std::string> read(const std::string& topic) {
    std::vector<std::string> found;
    for (const LogRecord& record : driver_->read(topic)) {
      found.push_back((record.key ? *record.key + " " : "") + record.value.value_or("null"));
    }
    return found;
  }
  std::vector<std::string> dead() {
    std::vector<std::string> found;
    for (const LogRecord& record : driver_->dead_letters()) {
      std::string one = record.value.value_or("null");
      for (const auto& [name, value] : record.headers) {
        if (name == "weir.reason" || name == "weir.step") one += " " + value.value_or("");
      }
      found.push_back(one);
    }
    return found;
  }

  TestDriver& driver() { return *driver_; }
  const job::JobPlan& plan() const { return *loaded_.plan; }
  const Topology& topology() const { return topology_; }
  const std::vector<std::string>& sinks() const { return sinks_; }
  const std::vector<std::string>& lines() const { return lines_; }
  std::uint64_t key_mismatches(const std::string& stream) const {
    return *key_mismatches_.at(stream);
  }

 private:
  job::Source source_;
  job::Diagnostics found_;
  job::Loaded loaded_;
  std::vector<std::string> sinks_;
  std::vector<std::string> lines_;
  std::map<std::string, std::shared_ptr<const KeyMismatches>> key_mismatches_;
  Topology topology_;
  std::unique_ptr<TestDriver> driver_;
};

// A job with a stream "source" of topic "in" and one pipeline of the given steps, to "out".
inline std::string small_job(const std::string& fields, const std::string& steps,
                             const std::string& more = "") {
  return "weir: 1\njob: small\nkafka:\n  brokers: localhost:9092\nerrors:\n  dlq: dead\n"
         "streams:\n  source:\n    topic: in\n    watermark: {delay: 10s, idle: 1m}\n" +
         more + "    fields: " + fields + "\npipelines:\n  out:\n    from: source\n    steps:\n" +
         steps + "    to: out\n";
}

}  // namespace weir::compile
