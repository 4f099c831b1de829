#include "http/metrics.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "http/families.h"
#include "http/process.h"
#include <weir/version.h>

namespace weir::http {

namespace {

using prometheus::MetricType;

std::string named(const std::map<std::string, std::string>& names, const std::string& topic) {
  const auto found = names.find(topic);
  return found == names.end() ? topic : found->second;
}

// Dropping these is what the job asks for; everything else is a fault of the record.
bool is_intentional(const std::string& reason) {
  return reason == "filter" || reason == "duplicate" || reason == "late";
}

double seconds_of(Timestamp time) { return static_cast<double>(time) / 1000; }

class Teller {
 public:
  explicit Teller(std::span<const JobNumbers> jobs) : jobs_(jobs) {}

  std::string text() {
    about();
    flows();
    steps();
    discards();
    commits();
    inputs();
    stores();
    tasks();
    clients();
    process();
    return all_.text();
  }

 private:
  template <class Visit>
  void each(Visit visit) {
    for (const JobNumbers& job : jobs_) visit(job, job.snapshot);
  }
  static Labels of(const JobNumbers& job, Labels more = {}) {
    more.insert(more.begin(), {"weir_job", job.job});
    return more;
  }

  void about() {
    all_.begin("weir_build_info", "The version of weir", MetricType::Gauge);
    const std::string client = jobs_.empty() ? "" : jobs_.front().kafka_client;
    all_.gauge(
        {{"version", std::string(kVersion)}, {"commit", WEIR_COMMIT}, {"librdkafka", client}}, 1);
    all_.begin("weir_job_info", "The job and its guarantee", MetricType::Gauge);
    each([&](const JobNumbers& job, const AppSnapshot&) {
      all_.gauge(of(job, {{"guarantee", job.exactly_once ? "exactly_once" : "at_least_once"},
                          {"sha256", job.sha256}}),
                 1);
    });
    config();
    all_.begin("weir_job_state", "1 for the state that the job is in", MetricType::Gauge);
    each([&](const JobNumbers& job, const AppSnapshot& now) {
      for (int state = 0; state <= static_cast<int>(AppState::failed); ++state) {
        all_.gauge(of(job, {{"state", to_string(static_cast<AppState>(state))}}),
                   now.state == static_cast<AppState>(state) ? 1 : 0);
      }
    });
  }

  // A job is read once, when it starts: a change is taken up by a restart.
  void config() {
    all_.begin("weir_config_reloads_total", "Job files taken up while the job ran",
               MetricType::Counter);
    each([&](const JobNumbers& job, const AppSnapshot&) {
      all_.counter(of(job, {{"result", "success"}}), 0);
      all_.counter(of(job, {{"result", "failure"}}), 0);
    });
    all_.begin("weir_config_last_reload_successful", "Whether the job file was good when last read",
               MetricType::Gauge);
    each([&](const JobNumbers& job, const AppSnapshot&) { all_.gauge(of(job), 1); });
    all_.begin("weir_config_last_reload_success_timestamp_seconds", "When that was",
               MetricType::Gauge);
    each([&](const JobNumbers& job, const AppSnapshot&) {
      all_.gauge(of(job), seconds_of(job.loaded));
    });
  }

  void flows() {
    const auto flow = [&](const char* name, const char* help, const char* label, bool in,
                          bool bytes) {
      all_.begin(name, help, MetricType::Counter);
      each([&](const JobNumbers& job, const AppSnapshot& now) {
        for (const auto& [topic, count] : in ? now.in : now.out) {
          const std::string who = named(in ? job.streams : job.sinks, topic);
          all_.counter(of(job, {{label, who}}),
                       static_cast<double>(bytes ? count.bytes : count.records));
        }
      });
    };
    flow("weir_records_in_total", "Records read from source topics", "stream", true, false);
    flow("weir_bytes_in_total", "Bytes of keys and values read", "stream", true, true);
    flow("weir_records_out_total", "Results written", "sink", false, false);
    flow("weir_bytes_out_total", "Bytes of keys and values written", "sink", false, true);
    all_.begin("weir_key_mismatch_total",
               "Of every 64th record those whose key is not what 'keyed_by' says",
               MetricType::Counter);
    each([&](const JobNumbers& job, const AppSnapshot&) {
      for (const auto& [stream, count] : job.key_mismatches) {
        all_.counter(of(job, {{"stream", stream}}), static_cast<double>(count));
      }
    });
  }

  void steps() {
    const auto counted = [&](const char* name, const char* help, auto value) {
      all_.begin(name, help, MetricType::Counter);
      each([&](const JobNumbers& job, const AppSnapshot& now) {
        for (const auto& [step, did] : now.steps) {
          all_.counter(of(job, {{"step", step}, {"kind", did.kind}}),
                       static_cast<double>(value(did)));
        }
      });
    };
    using Step = AppSnapshot::Step;
    counted("weir_step_records_in_total", "Records that a step was handed",
            [](const Step& step) { return step.in; });
    counted("weir_step_records_out_total", "Records that a step passed on",
            [](const Step& step) { return step.out; });
    counted("weir_step_busy_seconds_total", "Time that a step took, as a sample of records tells",
            [](const Step& step) { return step.busy_seconds; });
    all_.begin("weir_step_duration_seconds", "Time that a step took for a record, of a sample",
               MetricType::Histogram);
    each([&](const JobNumbers& job, const AppSnapshot& now) {
      for (const auto& [step, did] : now.steps) {
        all_.histogram(of(job, {{"step", step}}), did.times);
      }
    });
    all_.begin("weir_windows_open", "Windows and sessions that are not closed yet",
               MetricType::Gauge);
    each([&](const JobNumbers& job, const AppSnapshot& now) {
      for (const auto& [step, did] : now.steps) {
        if (did.kind == "aggregate" || did.open_windows > 0) {
          all_.gauge(of(job, {{"step", step}}), static_cast<double>(did.open_windows));
        }
      }
    });
    all_.begin("weir_windows_closed_total", "Windows and sessions closed, one for each key",
               MetricType::Counter);
    each([&](const JobNumbers& job, const AppSnapshot& now) {
      for (const auto& [step, did] : now.steps) {
        if (job.closing.contains(step)) {
          all_.counter(of(job, {{"step", step}}), static_cast<double>(did.out));
        }
      }
    });
  }

  void discards() {
    all_.begin("weir_records_discarded_total", "Records that left for a reason",
               MetricType::Counter);
    each([&](const JobNumbers& job, const AppSnapshot& now) {
      for (const auto& one : now.discarded) {
        all_.counter(of(job, {{"step", one.step},
                              {"reason", one.reason},
                              {"intentional", is_intentional(one.reason) ? "true" : "false"}}),
                     static_cast<double>(one.records));
      }
    });
    errors();
    all_.begin("weir_dlq_records_total", "Dead letters written", MetricType::Counter);
    each([&](const JobNumbers& job, const AppSnapshot& now) {
      for (const auto& [reason, count] : now.dead_letters) {
        all_.counter(of(job, {{"reason", reason}}), static_cast<double>(count));
      }
    });
    all_.begin("weir_sink_retries_total", "Writes that a sink asked to repeat",
               MetricType::Counter);
    each([&](const JobNumbers& job, const AppSnapshot& now) {
      for (const auto& [sink, count] : now.sink_retries) {
        all_.counter(of(job, {{"sink", named(job.sinks, sink)}}), static_cast<double>(count));
      }
    });
    times_by("weir_sink_write_duration_seconds", "How long a sink takes for a batch", "sink",
             &AppSnapshot::sink_write_seconds);
    all_.begin("weir_sink_up", "0 while a sink does not answer and what goes to it waits",
               MetricType::Gauge);
    each([&](const JobNumbers& job, const AppSnapshot& now) {
      std::map<std::string, bool> up;
      for (const auto& sink : now.sinks) {
        up[sink.name] = up.emplace(sink.name, true).first->second && !sink.waiting;
      }
      for (const auto& [sink, good] : up) {
        all_.gauge(of(job, {{"sink", named(job.sinks, sink)}}), good ? 1 : 0);
      }
    });
  }

  void errors() {
    all_.begin("weir_errors_total",
               "Records that could not be read, processed or written, and commits that failed",
               MetricType::Counter);
    each([&](const JobNumbers& job, const AppSnapshot& now) {
      for (const auto& one : now.discarded) {
        if (is_intentional(one.reason)) continue;
        const bool known = one.reason == "decode" || one.reason == "sink";
        const std::string stage = known ? one.reason : "process";
        all_.counter(of(job, {{"step", one.step}, {"stage", stage}, {"reason", one.reason}}),
                     static_cast<double>(one.records));
      }
      all_.counter(of(job, {{"step", ""}, {"stage", "commit"}, {"reason", "aborted"}}),
                   static_cast<double>(now.aborts));
    });
  }

  void commits() {
    all_.begin("weir_transactions_total", "Commits by how they ended", MetricType::Counter);
    each([&](const JobNumbers& job, const AppSnapshot& now) {
      all_.counter(of(job, {{"outcome", "committed"}}), static_cast<double>(now.commits));
      all_.counter(of(job, {{"outcome", "aborted"}}), static_cast<double>(now.aborts));
    });
    all_.begin("weir_commit_duration_seconds", "How long commits take", MetricType::Histogram);
    each([&](const JobNumbers& job, const AppSnapshot& now) {
      all_.histogram(of(job), now.commit_seconds);
    });
    times_by("weir_end_to_end_latency_seconds", "From event time to committed result", "sink",
             &AppSnapshot::end_to_end_seconds);
    times_by("weir_processing_latency_seconds", "From reading a record to its committed result",
             "sink", &AppSnapshot::processing_seconds);
    times_by("weir_late_by_seconds", "How far its partition had come past a late record", "stream",
             &AppSnapshot::late_by_seconds);
    rebalances();
    all_.begin("weir_threads_replaced_total", "Worker threads made anew after a fault",
               MetricType::Counter);
    each([&](const JobNumbers& job, const AppSnapshot& now) {
      all_.counter(of(job), static_cast<double>(now.replaced));
    });
  }

  using TimesByName = std::map<std::string, Histogram>;
  void times_by(const char* name, const char* help, const char* label,
                TimesByName AppSnapshot::*which) {
    all_.begin(name, help, MetricType::Histogram);
    each([&](const JobNumbers& job, const AppSnapshot& now) {
      const auto& names = label == std::string_view("sink") ? job.sinks : job.streams;
      for (const auto& [topic, times] : now.*which) {
        all_.histogram(of(job, {{label, named(names, topic)}}), times);
      }
    });
  }

  void rebalances() {
    all_.begin("weir_rebalances_total", "How often partitions came and went", MetricType::Counter);
    each([&](const JobNumbers& job, const AppSnapshot& now) {
      all_.counter(of(job, {{"reason", "assigned"}}), static_cast<double>(now.rebalances));
      all_.counter(of(job, {{"reason", "revoked"}}), static_cast<double>(now.revocations));
      all_.counter(of(job, {{"reason", "lost"}}), static_cast<double>(now.losses));
    });
    all_.begin("weir_rebalance_duration_seconds", "From new partitions to their tasks at work",
               MetricType::Histogram);
    each([&](const JobNumbers& job, const AppSnapshot& now) {
      all_.histogram(of(job), now.rebalance_seconds);
    });
  }

  void inputs() {
    all_.begin("weir_consumer_lag_records", "Records behind the committed offset",
               MetricType::Gauge);
    each_input([&](const JobNumbers& job, const AppSnapshot::Input& input) {
      if (input.lag >= 0) all_.gauge(partition_of(job, input), static_cast<double>(input.lag));
    });
    all_.begin("weir_consumer_lag_seconds",
               "How old the newest record is that was read of a partition with lag",
               MetricType::Gauge);
    each([&](const JobNumbers& job, const AppSnapshot& now) {
      for (const auto& input : now.inputs) {
        const bool tells = input.time != kNoTime && input.time != kEndOfTime;
        if (input.lag < 0 || (input.lag > 0 && !tells)) continue;
        const Timestamp behind = input.lag > 0 ? std::max<Timestamp>(0, now.taken - input.time) : 0;
        all_.gauge(partition_of(job, input), seconds_of(behind));
      }
    });
    all_.begin("weir_committed_offset", "Where reading goes on after a restart", MetricType::Gauge);
    each_input([&](const JobNumbers& job, const AppSnapshot::Input& input) {
      if (input.committed >= 0) {
        all_.gauge(partition_of(job, input), static_cast<double>(input.committed));
      }
    });
    watermarks();
    all_.begin("weir_partitions_idle", "Silent partitions whose time follows the clock",
               MetricType::Gauge);
    each([&](const JobNumbers& job, const AppSnapshot& now) {
      std::map<std::string, int> idle;
      for (const auto& input : now.inputs) {
        if (input.is_source) idle[named(job.streams, input.topic)] += input.idle ? 1 : 0;
      }
      for (const auto& [stream, count] : idle) all_.gauge(of(job, {{"stream", stream}}), count);
    });
  }

  // A stream's time is that of its slowest partition.
  void watermarks() {
    const auto told = [&](const char* name, const char* help, bool behind) {
      all_.begin(name, help, MetricType::Gauge);
      each([&](const JobNumbers& job, const AppSnapshot& now) {
        std::map<std::string, Timestamp> slowest;
        for (const auto& input : now.inputs) {
          if (!input.is_source || input.time == kNoTime || input.time == kEndOfTime) continue;
          auto [at, is_new] = slowest.emplace(named(job.streams, input.topic), input.time);
          if (!is_new) at->second = std::min(at->second, input.time);
        }
        for (const auto& [stream, time] : slowest) {
          all_.gauge(of(job, {{"stream", stream}}), seconds_of(behind ? now.taken - time : time));
        }
      });
    };
    told("weir_watermark_timestamp_seconds", "Event time that a stream has reached", false);
    told("weir_watermark_lag_seconds", "How far that is behind the clock", true);
  }

  void stores() {
    const auto store = [&](const char* name, const char* help, MetricType type, auto value) {
      all_.begin(name, help, type);
      each([&](const JobNumbers& job, const AppSnapshot& now) {
        std::map<std::string, double> sums;
        for (const auto& one : now.stores) sums[one.name] += static_cast<double>(value(one));
        for (const auto& [which, sum] : sums) {
          const Labels labels = of(job, {{"store", which}});
          type == MetricType::Counter ? all_.counter(labels, sum) : all_.gauge(labels, sum);
        }
      });
    };
    using Store = AppSnapshot::Store;
    store("weir_store_entries", "Rows of a store, about", MetricType::Gauge,
          [](const Store& one) { return one.entries; });
    store("weir_store_size_bytes", "Bytes of a store on the disk", MetricType::Gauge,
          [](const Store& one) { return one.bytes_on_disk; });
    store("weir_store_memory_bytes", "Changes that are not on the disk yet", MetricType::Gauge,
          [](const Store& one) { return one.bytes_in_memory; });
    store_operations();
    const auto restore = [&](const char* name, const char* help, MetricType type, auto value) {
      all_.begin(name, help, type);
      each([&](const JobNumbers& job, const AppSnapshot& now) {
        for (const Store& one : now.stores) {
          const Labels labels =
              of(job, {{"store", one.name}, {"partition", std::to_string(one.partition)}});
          const auto number = static_cast<double>(value(one));
          type == MetricType::Counter ? all_.counter(labels, number) : all_.gauge(labels, number);
        }
      });
    };
    restore("weir_restore_records_total", "Records read from changelogs", MetricType::Counter,
            [](const Store& one) { return one.restored; });
    restore("weir_restore_records_remaining", "Records of changelogs still to be read",
            MetricType::Gauge, [](const Store& one) { return one.remaining; });
    all_.begin("weir_state_size_bytes", "State on the disk", MetricType::Gauge);
    all_disks([](double used, double) { return used; });
    all_.begin("weir_store_map_used_ratio", "Share of the mapped state that is used",
               MetricType::Gauge);
    all_disks([](double used, double mapped) { return mapped > 0 ? used / mapped : 0; });
  }

  void store_operations() {
    all_.begin("weir_store_operation_duration_seconds", "How long stores take, of a sample",
               MetricType::Histogram);
    each([&](const JobNumbers& job, const AppSnapshot& now) {
      std::map<std::pair<std::string, std::string>, StepTimes> sums;
      for (const auto& one : now.stores) {
        sums[{one.name, "get"}].add(one.gets);
        sums[{one.name, "put"}].add(one.puts);
        sums[{one.name, "scan"}].add(one.scans);
      }
      for (const auto& [which, times] : sums) {
        all_.histogram(of(job, {{"store", which.first}, {"operation", which.second}}), times);
      }
    });
  }

  template <class Value>
  void all_disks(Value value) {
    each([&](const JobNumbers& job, const AppSnapshot& now) {
      double used = 0;
      double mapped = 0;
      for (const auto& disk : now.disks) {
        used += static_cast<double>(disk.bytes_used);
        mapped += static_cast<double>(disk.bytes_mapped);
      }
      if (!now.disks.empty()) all_.gauge(of(job), value(used, mapped));
    });
  }

  void tasks() {
    all_.begin("weir_tasks", "Tasks that this instance runs", MetricType::Gauge);
    each([&](const JobNumbers& job, const AppSnapshot& now) {
      all_.gauge(of(job), static_cast<double>(now.tasks.size()));
    });
    all_.begin("weir_thread_busy_ratio", "Share of the time that a worker does not wait",
               MetricType::Gauge);
    all_workers([](const AppSnapshot::Worker& worker) { return worker.busy; });
    all_.begin("weir_thread_idle_ratio", "Share of the time that a worker waits for records",
               MetricType::Gauge);
    all_workers([](const AppSnapshot::Worker& worker) {
      return std::max(0.0, 1 - worker.busy - worker.held);
    });
    all_.begin("weir_thread_backpressured_ratio",
               "Share of the time that a sink holds a worker back", MetricType::Gauge);
    all_workers([](const AppSnapshot::Worker& worker) { return worker.held; });
  }

  template <class Value>
  void all_workers(Value value) {
    each([&](const JobNumbers& job, const AppSnapshot& now) {
      for (const auto& worker : now.workers) {
        all_.gauge(of(job, {{"thread", std::to_string(worker.number)}}), value(worker));
      }
    });
  }

  template <class Value>
  void of_clients(const char* name, const char* help, Value value) {
    all_.begin(name, help, MetricType::Gauge);
    each([&](const JobNumbers& job, const AppSnapshot& now) {
      for (const auto& client : now.clients) {
        all_.gauge(of(job, {{"client", client.kind}}), static_cast<double>(value(client)));
      }
    });
  }

  template <class Value>
  void of_brokers(const char* name, const char* help, MetricType type, Value value) {
    all_.begin(name, help, type);
    each([&](const JobNumbers& job, const AppSnapshot& now) {
      for (const auto& client : now.clients) {
        for (const auto& broker : client.brokers) {
          const Labels labels = of(job, {{"client", client.kind}, {"broker", broker.address}});
          const auto number = static_cast<double>(value(broker));
          type == MetricType::Counter ? all_.counter(labels, number) : all_.gauge(labels, number);
        }
      }
    });
  }

  void clients() {
    using Client = AppSnapshot::Client;
    using Broker = Client::Broker;
    of_clients("weir_kafka_queued_records", "Records to be sent, or read ahead",
               [](const Client& client) { return client.queued; });
    of_brokers("weir_kafka_round_trip_seconds", "A broker's answer to a request, on average lately",
               MetricType::Gauge, [](const Broker& broker) { return broker.round_trip_seconds; });
    of_brokers("weir_kafka_waiting_requests", "Requests that a broker has not answered",
               MetricType::Gauge, [](const Broker& broker) { return broker.waiting; });
    of_brokers("weir_kafka_errors_total", "Requests to a broker that failed", MetricType::Counter,
               [](const Broker& broker) { return broker.errors; });
    of_brokers("weir_kafka_timeouts_total", "Requests that a broker did not answer in time",
               MetricType::Counter, [](const Broker& broker) { return broker.timeouts; });
  }

  void process() {
    const ProcessNumbers now = process_numbers();
    all_.begin("process_cpu_seconds_total", "Processor time used", MetricType::Counter);
    all_.counter({}, now.cpu_seconds);
    all_.begin("process_resident_memory_bytes", "Memory in use", MetricType::Gauge);
    all_.gauge({}, now.resident_bytes);
    all_.begin("process_open_fds", "Open files and sockets", MetricType::Gauge);
    all_.gauge({}, now.open_files);
    all_.begin("process_start_time_seconds", "When the process began", MetricType::Gauge);
    all_.gauge({}, now.start_seconds);
  }

  template <class Visit>
  void each_input(Visit visit) {
    each([&](const JobNumbers& job, const AppSnapshot& now) {
      for (const auto& input : now.inputs) visit(job, input);
    });
  }
  static Labels partition_of(const JobNumbers& job, const AppSnapshot::Input& input) {
    return of(job, {{"topic", input.topic}, {"partition", std::to_string(input.partition)}});
  }

  std::span<const JobNumbers> jobs_;
  Families all_;
};

}  // namespace

std::string metrics_text(std::span<const JobNumbers> jobs) { return Teller(jobs).text(); }

}  // namespace weir::http
