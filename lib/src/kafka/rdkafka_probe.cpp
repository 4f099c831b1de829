#include <array>
#include <chrono>
#include <map>
#include <mutex>

#include "kafka/probe.h"
#include "kafka/rdkafka_client.h"

namespace weir::kafka {

namespace {

using Clock = std::chrono::steady_clock;

constexpr Duration kAnswer{5'000};
constexpr std::int32_t kNoSuchPartition = 1'999'999'999;
constexpr const char* kImpossibleAcks = "1000";           // Brokers know -1, 0 and 1.
constexpr const char* kImpossibleTimeout = "2147480000";  // Brokers allow 15 minutes, as shipped.

using RdNewTopic = std::unique_ptr<rd_kafka_NewTopic_t, Destroyer<rd_kafka_NewTopic_destroy>>;
using RdConfigResource =
    std::unique_ptr<rd_kafka_ConfigResource_t, Destroyer<rd_kafka_ConfigResource_destroy>>;
using RdGroupOffsets = std::unique_ptr<rd_kafka_AlterConsumerGroupOffsets_t,
                                       Destroyer<rd_kafka_AlterConsumerGroupOffsets_destroy>>;
using RdAdminOptions =
    std::unique_ptr<rd_kafka_AdminOptions_t, Destroyer<rd_kafka_AdminOptions_destroy>>;

std::string words_of(rd_kafka_resp_err_t code) { return rd_kafka_err2str(code); }

bool is_denial(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return true;
    default:
      return false;
  }
}

// A request that was refused for `expected` had the right to be made.
Right right_of(rd_kafka_resp_err_t code, rd_kafka_resp_err_t expected) {
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == expected) return {Right::Is::allowed, ""};
  return {is_denial(code) ? Right::Is::denied : Right::Is::unknown, words_of(code)};
}

class RdProbe final : public Probe {
 public:
  Outcome make(const RdkafkaOptions& options) {
    options_ = options;
    options_.log = {};
    RdkafkaOptions told = options;
    // The library says which requests the brokers know in its debug log alone.
    told.properties.emplace_back("debug", "feature");
    told.log = [heard = heard_, log = options.log](int level, std::string_view line) {
      {
        const std::lock_guard lock(heard->mutex);
        if (read_api_line(line, heard->versions)) return;
      }
      if (level < 7 && log) log(level, line);
    };
    return client_.make(RD_KAFKA_CONSUMER, told, reader_properties({Isolation::kReadCommitted}),
                        this, nullptr);
  }

  Reply<ClusterFacts> cluster() override {
    const auto begin = Clock::now();
    const rd_kafka_metadata_t* answer = nullptr;
    const auto code = rd_kafka_metadata(client_.get(), 1, nullptr, &answer, millis(kAnswer));
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return outcome_of(code);
    const RdMetadata metadata(answer);
    ClusterFacts facts;
    facts.answer_seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    for (int i = 0; i < metadata->broker_cnt; ++i) {
      const auto& broker = metadata->brokers[i];
      facts.brokers.push_back(
          {broker.id, std::string(broker.host) + ":" + std::to_string(broker.port)});
    }
    for (int i = 0; i < metadata->topic_cnt; ++i) {
      const auto& topic = metadata->topics[i];
      auto& partitions = facts.topics[topic.topic];
      for (int p = 0; p < topic.partition_cnt; ++p) {
        const auto& one = topic.partitions[p];
        partitions.push_back({one.leader >= 0, one.replica_cnt, one.isr_cnt});
      }
    }
    if (char* id = rd_kafka_clusterid(client_.get(), millis(kAnswer)); id != nullptr) {
      facts.id = id;
      rd_kafka_mem_free(client_.get(), id);
    }
    const std::lock_guard lock(heard_->mutex);
    facts.versions = heard_->versions;
    return facts;
  }

  Reply<Configs> broker_configs(int broker) override {
    const RdConfigResource resource(
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_BROKER, std::to_string(broker).c_str()));
    Reply<RdEvent> answer = ask([&](rd_kafka_queue_t* queue) {
      rd_kafka_ConfigResource_t* one = resource.get();
      rd_kafka_DescribeConfigs(client_.get(), &one, 1, nullptr, queue);
    });
    if (!answer.ok()) return answer.outcome;
    std::size_t count = 0;
    const auto* const* found = rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result(answer.value.get()), &count);
    if (count != 1) return Outcome{Fault::kRetriable, "no configs in the answer"};
    if (const auto code = rd_kafka_ConfigResource_error(found[0])) return outcome_of(code);
    Configs configs;
    const auto* const* entries = rd_kafka_ConfigResource_configs(found[0], &count);
    for (std::size_t i = 0; i < count; ++i) {
      const char* value = rd_kafka_ConfigEntry_value(entries[i]);
      if (value != nullptr) configs[rd_kafka_ConfigEntry_name(entries[i])] = value;
    }
    return configs;
  }

  std::vector<Right> may_read(std::span<const std::string> topics) override {
    std::vector<Right> rights(topics.size(), Right{Right::Is::unknown, "no answer"});
    std::map<std::string_view, std::size_t> open;
    std::vector<Partition> partitions;
    for (std::size_t i = 0; i < topics.size(); ++i) {
      open[topics[i]] = i;
      partitions.push_back({topics[i], 0});
    }
    if (partitions.empty()) return rights;
    rd_kafka_poll_set_consumer(client_.get());
    const RdList list = make_list(partitions, RD_KAFKA_OFFSET_END);
    rd_kafka_assign(client_.get(), list.get());
    const auto end = Clock::now() + kAnswer;
    while (!open.empty() && Clock::now() < end) {
      const RdMessage message{rd_kafka_consumer_poll(client_.get(), 50)};
      if (!message || message->rkt == nullptr) continue;
      const auto found = open.find(rd_kafka_topic_name(message->rkt));
      if (found == open.end()) continue;
      // A record would do as well: someone wrote it meanwhile.
      rights[found->second] = right_of(message->err, RD_KAFKA_RESP_ERR__PARTITION_EOF);
      open.erase(found);
    }
    rd_kafka_assign(client_.get(), nullptr);
    return rights;
  }

  std::vector<Right> may_write(std::span<const std::string> topics) override {
    std::vector<Right> rights(topics.size(), Right{Right::Is::unknown, "no answer"});
    RdClient producer;
    const Outcome made = producer.make(
        RD_KAFKA_PRODUCER, options_,
        {{"acks", kImpossibleAcks},
         {"retries", "0"},
         {"linger.ms", "0"},
         {"message.timeout.ms", std::to_string(kAnswer.count())}},
        &rights, [](rd_kafka_conf_t* conf) { rd_kafka_conf_set_dr_msg_cb(conf, note_delivery); });
    if (!made.ok()) return std::vector<Right>(topics.size(), {Right::Is::unknown, made.text});
    for (std::size_t i = 0; i < topics.size(); ++i) {
      const rd_kafka_resp_err_t code = write_word(producer.get(), topics[i], i);
      if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        rights[i] = right_of(code, RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS);
      }
    }
    rd_kafka_flush(producer.get(), millis(kAnswer));
    rd_kafka_purge(producer.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_flush(producer.get(), 100);
    return rights;
  }

  static rd_kafka_resp_err_t write_word(rd_kafka_t* producer, const std::string& topic,
                                        std::size_t number) {
    char word[] = {'w', 'e', 'i', 'r'};
    std::array<rd_kafka_vu_t, 6> parts;
    parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
    parts[0].u.cstr = topic.c_str();
    parts[1].vtype = RD_KAFKA_VTYPE_PARTITION;
    parts[1].u.i32 = 0;
    parts[2].vtype = RD_KAFKA_VTYPE_KEY;
    parts[2].u.mem = {word, sizeof word};
    parts[3].vtype = RD_KAFKA_VTYPE_VALUE;
    parts[3].u.mem = {word, sizeof word};
    parts[4].vtype = RD_KAFKA_VTYPE_OPAQUE;
    parts[4].u.ptr = reinterpret_cast<void*>(number);
    parts[5].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    parts[5].u.i = RD_KAFKA_MSG_F_COPY;
    const RdError error(rd_kafka_produceva(producer, parts.data(), parts.size()));
    return error ? rd_kafka_error_code(error.get()) : RD_KAFKA_RESP_ERR_NO_ERROR;
  }

  Right may_create(const TopicSpec& topic) override {
    char why[512] = "";
    const RdNewTopic spec(rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions,
                                                topic.replicas, why, sizeof why));
    if (!spec) return {Right::Is::unknown, why};
    for (const auto& [name, value] : topic.configs) {
      rd_kafka_NewTopic_set_config(spec.get(), name.c_str(), value.c_str());
    }
    const RdAdminOptions options(
        rd_kafka_AdminOptions_new(client_.get(), RD_KAFKA_ADMIN_OP_CREATETOPICS));
    if (rd_kafka_AdminOptions_set_validate_only(options.get(), 1, why, sizeof why) !=
        RD_KAFKA_RESP_ERR_NO_ERROR) {
      return {Right::Is::unknown, why};
    }
    Reply<RdEvent> answer = ask([&](rd_kafka_queue_t* queue) {
      rd_kafka_NewTopic_t* one = spec.get();
      rd_kafka_CreateTopics(client_.get(), &one, 1, options.get(), queue);
    });
    if (!answer.ok()) return {Right::Is::unknown, answer.outcome.text};
    std::size_t count = 0;
    const auto* const* results = rd_kafka_CreateTopics_result_topics(
        rd_kafka_event_CreateTopics_result(answer.value.get()), &count);
    if (count != 1) return {};
    const rd_kafka_resp_err_t code = rd_kafka_topic_result_error(results[0]);
    Right right = right_of(code, RD_KAFKA_RESP_ERR_NO_ERROR);
    const char* said = rd_kafka_topic_result_error_string(results[0]);
    if (right.is != Right::Is::allowed && said != nullptr) right.why = said;
    return right;
  }

  Right may_commit(const std::string& group, const std::string& topic) override {
    const Position nowhere{{topic, kNoSuchPartition}, 0};
    const RdList list = make_list(std::span(&nowhere, 1));
    const RdGroupOffsets request(rd_kafka_AlterConsumerGroupOffsets_new(group.c_str(), list.get()));
    Reply<RdEvent> answer = ask([&](rd_kafka_queue_t* queue) {
      rd_kafka_AlterConsumerGroupOffsets_t* one = request.get();
      rd_kafka_AlterConsumerGroupOffsets(client_.get(), &one, 1, nullptr, queue);
    });
    if (!answer.ok()) {
      const bool denied = answer.outcome.fault == Fault::kDenied;
      return {denied ? Right::Is::denied : Right::Is::unknown, answer.outcome.text};
    }
    std::size_t count = 0;
    const auto* const* groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(
        rd_kafka_event_AlterConsumerGroupOffsets_result(answer.value.get()), &count);
    if (count != 1) return {};
    if (const auto* error = rd_kafka_group_result_error(groups[0])) {
      return right_of(rd_kafka_error_code(error), RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    }
    const auto* partitions = rd_kafka_group_result_partitions(groups[0]);
    if (partitions == nullptr || partitions->cnt != 1) return {};
    return right_of(partitions->elems[0].err, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  }

  Right may_transact(const std::string& transactional_id) override {
    RdClient producer;
    const Outcome made = producer.make(
        RD_KAFKA_PRODUCER, options_,
        {{"transactional.id", transactional_id}, {"transaction.timeout.ms", kImpossibleTimeout}},
        this, nullptr);
    if (!made.ok()) return {Right::Is::unknown, made.text};
    const RdError error(rd_kafka_init_transactions(producer.get(), millis(kAnswer)));
    if (!error) return {Right::Is::allowed, ""};
    return right_of(rd_kafka_error_code(error.get()),
                    RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT);
  }

 private:
  static void note_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    auto& rights = *static_cast<std::vector<Right>*>(RdClient::owner_of(opaque));
    const auto at = reinterpret_cast<std::size_t>(message->_private);
    rights[at] = right_of(message->err, RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS);
  }

  template <class Request>
  Reply<RdEvent> ask(Request request) {
    const RdQueue answers(rd_kafka_queue_new(client_.get()));
    request(answers.get());
    RdEvent answer(rd_kafka_queue_poll(answers.get(), millis(kAnswer)));
    if (!answer) return Outcome{Fault::kRetriable, "no answer"};
    if (const auto code = rd_kafka_event_error(answer.get())) {
      return outcome_of(code);  // Its own text names inner works of the library.
    }
    return answer;
  }

  // What the log told. A client that never ends goes on logging.
  struct Heard {
    std::mutex mutex{};
    ApiVersions versions{};
  };

  const std::shared_ptr<Heard> heard_ = std::make_shared<Heard>();
  RdkafkaOptions options_;  // Of the further clients that some questions take.
  RdClient client_;
};

}  // namespace

Reply<std::unique_ptr<Probe>> open_probe(const RdkafkaOptions& options) {
  auto probe = std::make_unique<RdProbe>();
  Outcome made = probe->make(options);
  if (!made.ok()) return made;
  return std::unique_ptr<Probe>(std::move(probe));
}

std::string client_version() { return rd_kafka_version_str(); }

}  // namespace weir::kafka
