// The least that a client of librdkafka can do: what any job on Kafka is compared with.
//
//   bare_client consume TOPIC...       reads topics to their ends: "records=N seconds=S"
//   bare_client pairs OUT LOG TOPIC... the same, and writes what a join has to write of it
//   bare_client forward IN OUT         copies records as they come, until it is killed
//   bare_client member GROUP TOPIC     a static member: says "first" with its first record
//
// Queue limits are wide where the aim is throughput: librdkafka 2.0.2 sleeps for up to a second
// once its queue is over them.
#include <algorithm>
#include <cstring>
#include <string_view>

#include <unistd.h>

#include "perf/kafka/bare.h"

namespace weir::perf {
namespace {

constexpr std::size_t kBatch = 1000;

// What a join of orders and payments writes, by a producer with the settings of weir's: for two
// records a result, and a row of the changelog.
class PairWriter {
 public:
  PairWriter(const std::string& out, const std::string& log)
      : client_(client(RD_KAFKA_PRODUCER, {{"enable.idempotence", "true"},
                                           {"linger.ms", "5"},
                                           {"compression.codec", "lz4"},
                                           {"partitioner", "murmur2_random"},
                                           {"queue.buffering.max.messages", "500000"}})),
        out_(rd_kafka_topic_new(client_, out.c_str(), nullptr)),
        log_(rd_kafka_topic_new(client_, log.c_str(), nullptr)) {
    extents(client_, out);
    extents(client_, log);
  }
  void take(const rd_kafka_message_t& record) {
    if (++records_ % 2 != 0) return;
    const std::string_view key(static_cast<const char*>(record.key), record.key_len);
    result_.assign(static_cast<const char*>(record.payload), record.len);
    result_.resize(kResultBytes, '.');
    std::memcpy(result_.data() + kResultBytes - sizeof records_, &records_, sizeof records_);
    write(out_, RD_KAFKA_PARTITION_UA, key, result_);
    row_key_.assign(kTimeBytes, '\0') += key;
    write(log_, record.partition, row_key_, std::string_view(result_).substr(0, kRowBytes));
  }
  void poll() { rd_kafka_poll(client_, 0); }
  void flush() {
    if (rd_kafka_flush(client_, 60'000) != RD_KAFKA_RESP_ERR_NO_ERROR) give_up("not all written");
  }

 private:
  static constexpr std::size_t kResultBytes = 252, kRowBytes = 43, kTimeBytes = 8;

  void write(rd_kafka_topic_t* topic, std::int32_t partition, std::string_view key,
             std::string_view value) {
    while (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, const_cast<char*>(value.data()),
                            value.size(), key.data(), key.size(), nullptr) != 0) {
      if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) give_up("cannot write");
      rd_kafka_poll(client_, 5);
    }
  }

  rd_kafka_t* client_;
  rd_kafka_topic_t *out_, *log_;
  std::uint64_t records_ = 0;
  std::string result_, row_key_;
};

int consume(const std::vector<std::string>& topics, PairWriter* pairs) {
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
        if (pairs != nullptr) pairs->take(*message);
        if (message->len > 0) touched += *static_cast<const unsigned char*>(message->payload);
      } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        --open;
      }
      rd_kafka_message_destroy(message);
    }
    if (pairs != nullptr) pairs->poll();
  }
  if (pairs != nullptr) pairs->flush();
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
    return weir::perf::consume({words.begin() + 1, words.end()}, nullptr);
  }
  if (words.size() >= 4 && words[0] == "pairs") {
    weir::perf::PairWriter pairs(words[1], words[2]);
    return weir::perf::consume({words.begin() + 3, words.end()}, &pairs);
  }
  if (words.size() == 3 && words[0] == "forward") return weir::perf::forward(words[1], words[2]);
  if (words.size() == 3 && words[0] == "member") return weir::perf::member(words[1], words[2]);
  std::fprintf(stderr,
               "bare_client consume TOPIC... | pairs OUT LOG TOPIC... | forward IN OUT | member "
               "GROUP TOPIC\n");
  return 64;
}
