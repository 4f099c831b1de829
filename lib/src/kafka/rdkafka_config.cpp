#include "kafka/rdkafka_config.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "kafka/rdkafka_client.h"

namespace weir::kafka {
namespace {

constexpr std::array<std::string_view, 19> kReserved = {
    "acks",
    "auto.offset.reset",
    "bootstrap.servers",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "enable.idempotence",
    "enable.partition.eof",
    "group.id",
    "group.instance.id",
    "isolation.level",
    "max.in.flight",
    "max.in.flight.requests.per.connection",
    "metadata.broker.list",
    "partition.assignment.strategy",
    "partitioner",
    "request.required.acks",
    "transaction.timeout.ms",
    "transactional.id",
    "message.timeout.ms",
};

constexpr std::int64_t kSocketTimeoutMs = 10'000;

const char* name_of(Isolation isolation) {
  return isolation == Isolation::kReadCommitted ? "read_committed" : "read_uncommitted";
}

void append_fetch_properties(Properties& to, Isolation isolation) {
  const Properties fetch = {
      {"isolation.level", name_of(isolation)},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      // A lost offset is told, never mended in silence.
      {"auto.offset.reset", "error"},
      {"enable.partition.eof", "true"},
      {"fetch.wait.max.ms", "50"},
      // Small queues are enough because the end watch wakes the fetchers; see rdkafka_end_watch.h.
      {"queued.min.messages", "5000"},
      {"queued.max.messages.kbytes", "8192"},
      // What one answer brings, unpacked, comes on top of the queue.
      {"max.partition.fetch.bytes", "524288"},
      // New topics and partitions are found this soon.
      {"topic.metadata.refresh.interval.ms", "30000"},
  };
  to.insert(to.end(), fetch.begin(), fetch.end());
}

bool set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value,
         std::string& why) {
  char text[512] = "";
  if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text, sizeof text) == RD_KAFKA_CONF_OK) {
    return true;
  }
  const std::size_t size = std::char_traits<char>::length(text);
  if (size > 0 && text[size - 1] == '\n') text[size - 1] = '\0';
  why = is_secret(name) ? "the value of " + name + " is not accepted" : text;
  return false;
}

}  // namespace

bool is_reserved(std::string_view property) {
  return std::find(kReserved.begin(), kReserved.end(), property) != kReserved.end();
}

bool is_secret(std::string_view property) {
  std::string name(property);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const std::string_view part : {"password", "secret", "token", "ssl.key", "ssl_key", "jaas",
                                      "oauthbearer.config", "ssl.keystore", "private"}) {
    if (name.find(part) != std::string::npos) return name != "ssl.key.location";
  }
  return false;
}

Properties redacted(const Properties& properties) {
  Properties shown = properties;
  for (auto& [name, value] : shown) {
    if (is_secret(name)) value = "***";
  }
  return shown;
}

Properties consumer_properties(const ConsumerOptions& options) {
  Properties ours = {
      {"group.id", options.group},
      {"session.timeout.ms", std::to_string(options.session_timeout.count())},
      {"heartbeat.interval.ms", "500"},  // A rebalance is noticed at the next heartbeat.
      {"max.poll.interval.ms",
       std::to_string(std::max<std::int64_t>(300'000, options.session_timeout.count()))},
      // Eager. The batch calls of 2.0.2 lose records under cooperative assignment.
      {"partition.assignment.strategy", "range"},
      {kStatisticsInterval, "5000"},
  };
  if (!options.instance_id.empty()) ours.emplace_back("group.instance.id", options.instance_id);
  if (!options.client_id.empty()) ours.emplace_back("client.id", options.client_id);
  append_fetch_properties(ours, options.isolation);
  return ours;
}

Properties reader_properties(const ReaderOptions& options) {
  // librdkafka wants a group to assign partitions; without a subscription it never joins it.
  Properties ours = {{"group.id", "weir-reader"}};
  if (!options.client_id.empty()) ours.emplace_back("client.id", options.client_id);
  append_fetch_properties(ours, options.isolation);
  return ours;
}

Properties producer_properties(const ProducerOptions& options) {
  Properties ours = {
      {"enable.idempotence", "true"},
      {"acks", "all"},
      {"linger.ms", "5"},
      {"compression.codec", "lz4"},
      {"partitioner", "murmur2_random"},  // As Java's clients.
      {"queue.buffering.max.messages", "500000"},
      {"queue.buffering.max.kbytes", "262144"},
      {"message.max.bytes", std::to_string(kRecordBytesMax)},
      // Back-to-back transactions wait this long for the markers of the last one.
      {"retry.backoff.ms", "5"},
      {kStatisticsInterval, "5000"},
  };
  if (!options.client_id.empty()) ours.emplace_back("client.id", options.client_id);
  if (options.transactional_id.empty()) {
    // For ever: a record that was given up would have to be read again anyway.
    ours.emplace_back("message.timeout.ms", "0");
  } else {
    const std::int64_t timeout = options.transaction_timeout.count();
    // librdkafka wants a request to end before the transaction does.
    ours.emplace_back("socket.timeout.ms", std::to_string(std::min(kSocketTimeoutMs, timeout)));
    ours.emplace_back("transactional.id", options.transactional_id);
    ours.emplace_back("transaction.timeout.ms", std::to_string(timeout));
    // Less than the transaction's, so that a record is never possibly written behind its end.
    ours.emplace_back("message.timeout.ms",
                      std::to_string(std::max<std::int64_t>(1000, timeout - 500)));
  }
  return ours;
}

Reply<RdConf> make_conf(const RdkafkaOptions& options, const Properties& ours) {
  RdConf conf(rd_kafka_conf_new());
  std::string why;
  Properties all = {
      {"bootstrap.servers", options.brokers},
      {"socket.nagle.disable", "true"},
      // A dead or hung broker costs half a second and ten, not ten and sixty.
      {"reconnect.backoff.max.ms", "500"},
      {"socket.timeout.ms", std::to_string(kSocketTimeoutMs)},
  };
  all.insert(all.end(), ours.begin(), ours.end());
  for (const auto& [name, value] : options.properties) {
    if (is_reserved(name)) return Outcome{Fault::kDenied, name + " is set by weir itself"};
    all.emplace_back(name, value);
  }
  for (const auto& [name, value] : all) {
    if (!set(conf.get(), name, value, why)) return Outcome{Fault::kDenied, why};
  }
  // Known since 2.2 only, and the better cure for the stall where it is.
  std::string ignored;
  set(conf.get(), "fetch.queue.backoff.ms", "10", ignored);
  return conf;
}

Status check_options(const RdkafkaOptions& options) {
  if (options.brokers.empty()) return Error{"no brokers are given"};
  // Some combinations are only refused when a client is made of them.
  RdClient client;
  const Outcome made = client.make(RD_KAFKA_CONSUMER, options, {}, nullptr, nullptr);
  if (!made.ok()) return Error{made.text};
  return {};
}

}  // namespace weir::kafka
