#include "kafka/rdkafka_admin.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>
#include <utility>

namespace weir::kafka {
namespace {

constexpr Duration kAdminWait{10'000};
constexpr Duration kMetadataAnswer{3'000};  // Any broker can give it; whoever asks, asks again.
constexpr Duration kReady{10'000};          // Until new topics have leaders.
constexpr Duration kReadyPause{20};
// The broker that answers knows a new topic a moment before the others do.
constexpr Duration kSpread{200};

using RdNewTopic = std::unique_ptr<rd_kafka_NewTopic_t, Destroyer<rd_kafka_NewTopic_destroy>>;
using RdNewPartitions =
    std::unique_ptr<rd_kafka_NewPartitions_t, Destroyer<rd_kafka_NewPartitions_destroy>>;
using RdDeleteTopic =
    std::unique_ptr<rd_kafka_DeleteTopic_t, Destroyer<rd_kafka_DeleteTopic_destroy>>;
using RdDeleteRecords =
    std::unique_ptr<rd_kafka_DeleteRecords_t, Destroyer<rd_kafka_DeleteRecords_destroy>>;
using RdDeleteGroup =
    std::unique_ptr<rd_kafka_DeleteGroup_t, Destroyer<rd_kafka_DeleteGroup_destroy>>;
using RdConfigResource =
    std::unique_ptr<rd_kafka_ConfigResource_t, Destroyer<rd_kafka_ConfigResource_destroy>>;
using RdGroupOffsets = std::unique_ptr<rd_kafka_ListConsumerGroupOffsets_t,
                                       Destroyer<rd_kafka_ListConsumerGroupOffsets_destroy>>;
using RdAdminOptions =
    std::unique_ptr<rd_kafka_AdminOptions_t, Destroyer<rd_kafka_AdminOptions_destroy>>;

// Waits at the broker until the request has been carried out.
RdAdminOptions finishing_options(rd_kafka_t* client) {
  RdAdminOptions options(rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_ANY));
  char why[256] = "";
  // Ignored: the value is constant and in range.
  rd_kafka_AdminOptions_set_operation_timeout(options.get(), millis(kAdminWait) / 2, why,
                                              sizeof why);
  return options;
}

std::vector<Outcome> outcomes_of(const rd_kafka_topic_result_t* const* results, std::size_t count) {
  std::vector<Outcome> outcomes;
  for (std::size_t i = 0; i < count; ++i) {
    outcomes.push_back(outcome_of(rd_kafka_topic_result_error(results[i]),
                                  rd_kafka_topic_result_error_string(results[i])));
  }
  return outcomes;
}

std::string text_of(const char* text) { return text == nullptr ? std::string() : text; }

template <class Element, class Owner>
std::vector<Element*> pointers_to(const std::vector<Owner>& owners) {
  std::vector<Element*> pointers;
  for (const Owner& owner : owners) pointers.push_back(owner.get());
  return pointers;
}

}  // namespace

Outcome RdAdmin::make(const RdkafkaOptions& options) {
  const Outcome made = client_.make(RD_KAFKA_CONSUMER, options,
                                    reader_properties({Isolation::kReadCommitted}), this, nullptr);
  if (!made.ok()) return made;
  return uncommitted_.make(RD_KAFKA_CONSUMER, options,
                           reader_properties({Isolation::kReadUncommitted}), this, nullptr);
}

Reply<RdEvent> RdAdmin::ask(const std::function<void(rd_kafka_t*, rd_kafka_queue_t*)>& request) {
  rd_kafka_poll(client_.get(), 0);  // Lets old errors of the client go.
  const RdQueue answers(rd_kafka_queue_new(client_.get()));
  request(client_.get(), answers.get());
  RdEvent answer(rd_kafka_queue_poll(answers.get(), millis(kAdminWait)));
  if (!answer) return Outcome{Fault::kRetriable, "no answer"};
  if (const auto code = rd_kafka_event_error(answer.get())) {
    return outcome_of(code, rd_kafka_event_error_string(answer.get()));
  }
  return answer;
}

Reply<RdMetadata> RdAdmin::metadata() {
  const rd_kafka_metadata_t* answer = nullptr;
  const rd_kafka_resp_err_t code =
      rd_kafka_metadata(client_.get(), 1, nullptr, &answer, millis(kMetadataAnswer));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return outcome_of(code);
  return RdMetadata(answer);
}

Reply<std::vector<std::string>> RdAdmin::topics() {
  Reply<RdMetadata> known = metadata();
  if (!known.ok()) return known.outcome;
  std::vector<std::string> names;
  for (int i = 0; i < known.value->topic_cnt; ++i) {
    names.emplace_back(known.value->topics[i].topic);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Reply<std::vector<std::int32_t>> RdAdmin::partitions(std::span<const std::string> topics) {
  Reply<RdMetadata> known = metadata();
  if (!known.ok()) return known.outcome;
  std::map<std::string_view, const rd_kafka_metadata_topic_t*> by_name;
  for (int i = 0; i < known.value->topic_cnt; ++i) {
    by_name[known.value->topics[i].topic] = &known.value->topics[i];
  }
  std::vector<std::int32_t> counts;
  for (const std::string& name : topics) {
    const auto found = by_name.find(name);
    counts.push_back(found == by_name.end() ? 0 : found->second->partition_cnt);
  }
  return counts;
}

Reply<Configs> RdAdmin::configs(const std::string& topic) {
  const RdConfigResource resource(
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  Reply<RdEvent> answer = ask([&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
    rd_kafka_ConfigResource_t* one = resource.get();
    rd_kafka_DescribeConfigs(client, &one, 1, nullptr, queue);
  });
  if (!answer.ok()) return answer.outcome;
  std::size_t count = 0;
  const auto* result = rd_kafka_event_DescribeConfigs_result(answer.value.get());
  const auto* const* resources = rd_kafka_DescribeConfigs_result_resources(result, &count);
  if (count != 1) return Outcome{Fault::kRetriable, "no configs in the answer"};
  if (const auto code = rd_kafka_ConfigResource_error(resources[0])) {
    return outcome_of(code, rd_kafka_ConfigResource_error_string(resources[0]));
  }
  Configs configs;
  const auto* const* entries = rd_kafka_ConfigResource_configs(resources[0], &count);
  for (std::size_t i = 0; i < count; ++i) {
    configs[rd_kafka_ConfigEntry_name(entries[i])] =
        text_of(rd_kafka_ConfigEntry_value(entries[i]));
  }
  return configs;
}

Reply<std::vector<Outcome>> RdAdmin::create_topics(std::span<const TopicSpec> specs) {
  if (specs.empty()) return std::vector<Outcome>();
  std::vector<RdNewTopic> topics;
  for (const TopicSpec& spec : specs) {
    char why[512] = "";
    topics.emplace_back(
        rd_kafka_NewTopic_new(spec.name.c_str(), spec.partitions, spec.replicas, why, sizeof why));
    if (!topics.back()) return Outcome{Fault::kDenied, why};
    for (const auto& [name, value] : spec.configs) {
      rd_kafka_NewTopic_set_config(topics.back().get(), name.c_str(), value.c_str());
    }
  }
  auto pointers = pointers_to<rd_kafka_NewTopic_t>(topics);
  Reply<RdEvent> answer = ask([&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
    const RdAdminOptions options = finishing_options(client);
    rd_kafka_CreateTopics(client, pointers.data(), pointers.size(), options.get(), queue);
  });
  if (!answer.ok()) return answer.outcome;
  std::size_t count = 0;
  const auto* result = rd_kafka_event_CreateTopics_result(answer.value.get());
  const auto* const* results = rd_kafka_CreateTopics_result_topics(result, &count);
  std::vector<Outcome> outcomes = outcomes_of(results, count);
  const auto is_new = [](const Outcome& outcome) { return outcome.ok(); };
  if (std::none_of(outcomes.begin(), outcomes.end(), is_new)) return outcomes;
  const auto end = std::chrono::steady_clock::now() + kReady;
  while (!are_ready(specs, outcomes) && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(kReadyPause);
  }
  return outcomes;
}

bool RdAdmin::are_ready(std::span<const TopicSpec> specs, const std::vector<Outcome>& outcomes) {
  Reply<RdMetadata> known = metadata();
  if (!known.ok()) return false;
  std::map<std::string_view, bool> has_leaders;
  for (int i = 0; i < known.value->topic_cnt; ++i) {
    const auto& topic = known.value->topics[i];
    has_leaders[topic.topic] =
        topic.partition_cnt > 0 &&
        std::all_of(topic.partitions, topic.partitions + topic.partition_cnt,
                    [](const auto& partition) { return partition.leader >= 0; });
  }
  for (std::size_t i = 0; i < specs.size() && i < outcomes.size(); ++i) {
    if (outcomes[i].ok() && !has_leaders[specs[i].name]) return false;
  }
  if (known.value->broker_cnt > 1) std::this_thread::sleep_for(kSpread);
  return true;
}

Outcome RdAdmin::grow_topic(const std::string& topic, std::int32_t partitions) {
  char why[512] = "";
  const RdNewPartitions wanted(rd_kafka_NewPartitions_new(
      topic.c_str(), static_cast<std::size_t>(std::max(0, partitions)), why, sizeof why));
  if (!wanted) return {Fault::kDenied, why};
  Reply<RdEvent> answer = ask([&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
    const RdAdminOptions options = finishing_options(client);
    rd_kafka_NewPartitions_t* one = wanted.get();
    rd_kafka_CreatePartitions(client, &one, 1, options.get(), queue);
  });
  if (!answer.ok()) return answer.outcome;
  std::size_t count = 0;
  const auto* result = rd_kafka_event_CreatePartitions_result(answer.value.get());
  const auto* const* results = rd_kafka_CreatePartitions_result_topics(result, &count);
  if (count != 1) return {Fault::kRetriable, "no topic in the answer"};
  return outcomes_of(results, count).front();
}

Reply<std::vector<Outcome>> RdAdmin::delete_topics(std::span<const std::string> topics) {
  if (topics.empty()) return std::vector<Outcome>();
  std::vector<RdDeleteTopic> doomed;
  for (const std::string& name : topics) {
    doomed.emplace_back(rd_kafka_DeleteTopic_new(name.c_str()));
  }
  auto pointers = pointers_to<rd_kafka_DeleteTopic_t>(doomed);
  Reply<RdEvent> answer = ask([&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
    const RdAdminOptions options = finishing_options(client);
    rd_kafka_DeleteTopics(client, pointers.data(), pointers.size(), options.get(), queue);
  });
  if (!answer.ok()) return answer.outcome;
  std::size_t count = 0;
  const auto* result = rd_kafka_event_DeleteTopics_result(answer.value.get());
  const auto* const* results = rd_kafka_DeleteTopics_result_topics(result, &count);
  return outcomes_of(results, count);
}

Outcome RdAdmin::delete_records(std::span<const Position> before) {
  if (before.empty()) return {};
  const RdList list = make_list(before);
  const RdDeleteRecords request(rd_kafka_DeleteRecords_new(list.get()));
  Reply<RdEvent> answer = ask([&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
    const RdAdminOptions options = finishing_options(client);
    rd_kafka_DeleteRecords_t* one = request.get();
    rd_kafka_DeleteRecords(client, &one, 1, options.get(), queue);
  });
  if (!answer.ok()) return answer.outcome;
  const auto* deleted = rd_kafka_DeleteRecords_result_offsets(
      rd_kafka_event_DeleteRecords_result(answer.value.get()));
  for (int i = 0; i < deleted->cnt; ++i) {
    if (deleted->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return outcome_of(deleted->elems[i].err);
    }
  }
  return {};
}

Reply<std::vector<std::int64_t>> RdAdmin::list_offsets(const RdClient& client,
                                                       std::span<const Partition> partitions,
                                                       std::int64_t at) {
  if (partitions.empty()) return std::vector<std::int64_t>();
  const RdList list = make_list(partitions, at);
  const rd_kafka_resp_err_t code =
      rd_kafka_offsets_for_times(client.get(), list.get(), millis(kAdminWait));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return outcome_of(code);
  std::vector<std::int64_t> offsets;
  for (int i = 0; i < list->cnt; ++i) {
    if (list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) return outcome_of(list->elems[i].err);
    offsets.push_back(list->elems[i].offset);
  }
  return offsets;
}

Reply<std::vector<std::int64_t>> RdAdmin::begin_offsets(std::span<const Partition> partitions) {
  return list_offsets(client_, partitions, RD_KAFKA_OFFSET_BEGINNING);
}

Reply<std::vector<std::int64_t>> RdAdmin::end_offsets(std::span<const Partition> partitions,
                                                      Isolation isolation) {
  const bool committed = isolation == Isolation::kReadCommitted;
  return list_offsets(committed ? client_ : uncommitted_, partitions, RD_KAFKA_OFFSET_END);
}

Reply<std::vector<std::int64_t>> RdAdmin::offsets_at(std::span<const Partition> partitions,
                                                     Timestamp time) {
  // Negative times have meanings of their own.
  Reply<std::vector<std::int64_t>> found =
      list_offsets(client_, partitions, std::max<Timestamp>(0, time));
  if (!found.ok()) return found;
  const auto is_behind = [](std::int64_t offset) { return offset < 0; };
  if (std::none_of(found.value.begin(), found.value.end(), is_behind)) return found;
  Reply<std::vector<std::int64_t>> ends = end_offsets(partitions, Isolation::kReadCommitted);
  if (!ends.ok()) return ends;
  for (std::size_t i = 0; i < found.value.size(); ++i) {
    if (is_behind(found.value[i])) found.value[i] = ends.value[i];
  }
  return found;
}

Reply<std::vector<Position>> RdAdmin::committed(const std::string& group) {
  const RdGroupOffsets request(rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), nullptr));
  Reply<RdEvent> answer = ask([&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
    rd_kafka_ListConsumerGroupOffsets_t* one = request.get();
    rd_kafka_ListConsumerGroupOffsets(client, &one, 1, nullptr, queue);
  });
  if (!answer.ok()) return answer.outcome;
  std::size_t count = 0;
  const auto* result = rd_kafka_event_ListConsumerGroupOffsets_result(answer.value.get());
  const auto* const* groups = rd_kafka_ListConsumerGroupOffsets_result_groups(result, &count);
  if (count != 1) return Outcome{Fault::kRetriable, "no group in the answer"};
  if (const auto* error = rd_kafka_group_result_error(groups[0])) {
    return outcome_of(rd_kafka_error_code(error), rd_kafka_error_string(error));
  }
  std::vector<Position> positions;
  const auto* list = rd_kafka_group_result_partitions(groups[0]);
  for (int i = 0; list != nullptr && i < list->cnt; ++i) {
    if (list->elems[i].offset >= 0) positions.push_back(position_in(list->elems[i]));
  }
  std::sort(positions.begin(), positions.end(),
            [](const Position& a, const Position& b) { return a.partition < b.partition; });
  return positions;
}

Reply<std::vector<Position>> RdAdmin::committed(const std::string& group,
                                                std::span<const Partition> partitions) {
  Reply<std::vector<Position>> all = committed(group);
  if (!all.ok()) return all;
  std::map<Partition, Position> known;
  for (Position& position : all.value) known[position.partition] = position;
  std::vector<Position> positions;
  for (const Partition& partition : partitions) {
    const auto found = known.find(partition);
    positions.push_back(found == known.end() ? Position{partition} : found->second);
  }
  return positions;
}

Reply<GroupState> RdAdmin::group(const std::string& group) {
  Reply<RdEvent> answer = ask([&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
    const char* name = group.c_str();
    rd_kafka_DescribeConsumerGroups(client, &name, 1, nullptr, queue);
  });
  if (!answer.ok()) return answer.outcome;
  std::size_t count = 0;
  const auto* result = rd_kafka_event_DescribeConsumerGroups_result(answer.value.get());
  const auto* const* groups = rd_kafka_DescribeConsumerGroups_result_groups(result, &count);
  if (count != 1) return Outcome{Fault::kRetriable, "no group in the answer"};
  if (const auto* error = rd_kafka_ConsumerGroupDescription_error(groups[0])) {
    return outcome_of(rd_kafka_error_code(error), rd_kafka_error_string(error));
  }
  GroupState state;
  state.state =
      rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(groups[0]));
  const std::size_t members = rd_kafka_ConsumerGroupDescription_member_count(groups[0]);
  for (std::size_t i = 0; i < members; ++i) {
    const auto* member = rd_kafka_ConsumerGroupDescription_member(groups[0], i);
    GroupMember found;
    found.client_id = text_of(rd_kafka_MemberDescription_client_id(member));
    found.instance_id = text_of(rd_kafka_MemberDescription_group_instance_id(member));
    found.host = text_of(rd_kafka_MemberDescription_host(member));
    const auto* assigned = rd_kafka_MemberDescription_assignment(member);
    const auto* list =
        assigned == nullptr ? nullptr : rd_kafka_MemberAssignment_partitions(assigned);
    for (int p = 0; list != nullptr && p < list->cnt; ++p) {
      found.partitions.push_back(partition_in(list->elems[p]));
    }
    state.members.push_back(std::move(found));
  }
  return state;
}

Outcome RdAdmin::delete_group(const std::string& group) {
  const RdDeleteGroup request(rd_kafka_DeleteGroup_new(group.c_str()));
  Reply<RdEvent> answer = ask([&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
    rd_kafka_DeleteGroup_t* one = request.get();
    rd_kafka_DeleteGroups(client, &one, 1, nullptr, queue);
  });
  if (!answer.ok()) return answer.outcome;
  std::size_t count = 0;
  const auto* result = rd_kafka_event_DeleteGroups_result(answer.value.get());
  const auto* const* groups = rd_kafka_DeleteGroups_result_groups(result, &count);
  if (count != 1) return {Fault::kRetriable, "no group in the answer"};
  const auto* error = rd_kafka_group_result_error(groups[0]);
  if (error == nullptr) return {};
  return outcome_of(rd_kafka_error_code(error), rd_kafka_error_string(error));
}

}  // namespace weir::kafka
