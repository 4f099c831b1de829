// The least that a client of librdkafka can do: what any job on Kafka is compared with.
//
//   bare_client consume TOPIC...       reads topics to their ends: "records=N seconds=S"
//   bare_client forward IN OUT         copies records as they come, until it is killed
//   bare_client member GROUP TOPIC     a static member: says "first" with its first record
//
// Queue limits are wide where the aim is throughput: librdkafka 2.0.2 sleeps for up to a second
// once its queue is over them.
#include <algorithm>
#include <cstring>

#include <unistd.h>

#include "perf/kafka/bare.h"

namespace weir::perf {
namespace {

constexpr std::size_t kBatch = 1000;

int consume(const std::vector<std::string>& topics) {
  rd_kafka_t* reader = client(RD_KAFKA_CONSUMER, {{"group.id", "bare"},
                                                  {"enable.auto.commit", "false"},
                                                  {"enable.auto.offset.store", "false"},
                                                  {"enable.partition.eof", "true"},
                                                  {"fetch.wait.max.ms", "10"},
                                                  {"queued.min.messages", "10000000"},
                                                  {"queued.max.messages.kbytes", "1048576"}});
  rd_kafka_poll_set_consumer(reader);
  rd_kafka_topic_partition_list_t* start = rd_kafka_topic_partition_list_new(8);
  int open = 0;
  for (const std::string& topic : topics) {
    const auto all = extents(reader, topic);
    for (std::size_t p = 0; p < all.size(); ++p) {
      rd_kafka_topic_partition_list_add(start, topic.c_str(), static_cast<int>(p))->offset =
          all[p].first;
      ++open;
    }
  }
  const double begin = seconds_now();
  rd_kafka_assign(reader, start);
  rd_kafka_queue_t* queue = rd_kafka_queue_get_consumer(reader);
  std::vector<rd_kafka_message_t*> batch(kBatch);
  long records = 0;
  unsigned touched = 0;
  while (open > 0) {
    const auto count = rd_kafka_consume_batch_queue(queue, 20, batch.data(), batch.size());
    for (ssize_t i = 0; i < count; ++i) {
      rd_kafka_message_t* message = batch[static_cast<std::size_t>(i)];
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        ++records;
        if (message->len > 0) touched += *static_cast<const unsigned char*>(message->payload);
      } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        --open;
      }
      rd_kafka_message_destroy(message);
    }
  }
  std::printf("records=%ld seconds=%.4f touched=%u\n", records, seconds_now() - begin, touched);
  std::fflush(stdout);
  _exit(0);  // A clean close would only add time.
}

int forward(const std::string& in, const std::string& out) {
  rd_kafka_t* reader =
      client(RD_KAFKA_CONSUMER,
             {{"group.id", "bare"}, {"enable.auto.commit", "false"}, {"fetch.wait.max.ms", "50"}});
  rd_kafka_poll_set_consumer(reader);
  rd_kafka_topic_partition_list_t* start = rd_kafka_topic_partition_list_new(4);
  const auto all = extents(reader, in);
  for (std::size_t p = 0; p < all.size(); ++p) {
    rd_kafka_topic_partition_list_add(start, in.c_str(), static_cast<int>(p))->offset =
        all[p].second;
  }
  rd_kafka_assign(reader, start);
  rd_kafka_t* writer = client(RD_KAFKA_PRODUCER, {{"linger.ms", "1"}, {"acks", "1"}});
  rd_kafka_topic_t* target = rd_kafka_topic_new(writer, out.c_str(), nullptr);
  rd_kafka_queue_t* queue = rd_kafka_queue_get_consumer(reader);
  std::vector<rd_kafka_message_t*> batch(kBatch);
  for (;;) {
    // The batch call waits unless its batch is full: one record first, then what else is there.
    batch[0] = rd_kafka_consumer_poll(reader, 20);
    rd_kafka_poll(writer, 0);
    if (batch[0] == nullptr) continue;
    const auto more = rd_kafka_consume_batch_queue(queue, 0, batch.data() + 1, kBatch - 1);
    for (ssize_t i = 0; i < 1 + std::max<ssize_t>(0, more); ++i) {
      rd_kafka_message_t* message = batch[static_cast<std::size_t>(i)];
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        rd_kafka_produce(target, message->partition, RD_KAFKA_MSG_F_COPY, message->payload,
                         message->len, message->key, message->key_len, nullptr);
      }
      rd_kafka_message_destroy(message);
    }
  }
}

int member(const std::string& group, const std::string& topic) {
  rd_kafka_t* reader = client(RD_KAFKA_CONSUMER, {{"group.id", group},
                                                  {"group.instance.id", group + "-one"},
                                                  {"auto.offset.reset", "latest"},
                                                  {"auto.commit.interval.ms", "100"},
                                                  {"session.timeout.ms", "45000"},
                                                  {"heartbeat.interval.ms", "500"},
                                                  {"fetch.wait.max.ms", "50"}});
  rd_kafka_poll_set_consumer(reader);
  rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, topic.c_str(), RD_KAFKA_PARTITION_UA);
  rd_kafka_subscribe(reader, topics);
  for (bool first = true;;) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(reader, 100);
    if (message == nullptr) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR && first) {
      std::printf("first\n");
      std::fflush(stdout);
      first = false;
    }
    rd_kafka_message_destroy(message);
  }
}

}  // namespace
}  // namespace weir::perf

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() >= 2 && words[0] == "consume") {
    return weir::perf::consume({words.begin() + 1, words.end()});
  }
  if (words.size() == 3 && words[0] == "forward") return weir::perf::forward(words[1], words[2]);
  if (words.size() == 3 && words[0] == "member") return weir::perf::member(words[1], words[2]);
  std::fprintf(stderr, "bare_client consume TOPIC... | forward IN OUT | member GROUP TOPIC\n");
  return 64;
}
