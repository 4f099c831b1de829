// Fills the input topics of the jobs with records as their producers write them, from a fixed seed.
//
//   fill transactions TOPIC FROM TO KEYS    about 700 bytes, zstd, KEYS customers, keyed by them
//   fill orders TOPIC FROM TO KEYS          about 330 bytes, lz4, KEYS users, no key
//   fill payments A,B FROM TO 0             orders and their payments in turn, keyed by order id
//   fill keys TOPIC FROM TO KEYS            small records whose keys are 0 to KEYS - 1, in turn
//
// FROM and TO are numbers of records: what comes later goes on where this ended. The topics exist.
// Records of a topic go to its partitions by key, or in turn.
#include <algorithm>
#include <cinttypes>
#include <cstring>

#include "perf/job_inputs.h"
#include "perf/kafka/bare.h"

namespace weir::perf {
namespace {

constexpr Timestamp kBegin = 1'752'000'000'000;
constexpr std::size_t kShapes = 20'000;  // Records that differ.

class Writer {
 public:
  explicit Writer(const char* codec)
      : client_(client(RD_KAFKA_PRODUCER, {{"linger.ms", "20"},
                                           {"batch.size", "65536"},
                                           {"partitioner", "murmur2_random"},
                                           {"compression.codec", codec},
                                           {"queue.buffering.max.messages", "500000"}})) {}
  ~Writer() {
    if (rd_kafka_flush(client_, 60'000) != RD_KAFKA_RESP_ERR_NO_ERROR) give_up("not all written");
    rd_kafka_destroy(client_);
  }
  void write(const std::string& topic, std::string_view key, std::string_view value,
             Timestamp time) {
    const auto partition = key.empty() ? static_cast<std::int32_t>(turn_++ / 64 % partitions(topic))
                                       : RD_KAFKA_PARTITION_UA;
    for (;;) {
      const auto code = rd_kafka_producev(
          client_, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(partition),
          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_TIMESTAMP(time),
          RD_KAFKA_V_KEY(key.empty() ? nullptr : key.data(), key.size()),
          RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()), RD_KAFKA_V_END);
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR) break;
      if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) give_up(rd_kafka_err2str(code));
      rd_kafka_poll(client_, 10);
    }
    if (++written_ % 1000 == 0) rd_kafka_poll(client_, 0);
  }

 private:
  std::uint64_t partitions(const std::string& topic) {
    if (partitions_ == 0) partitions_ = extents(client_, topic).size();
    return partitions_;
  }
  rd_kafka_t* client_;
  std::uint64_t written_ = 0;
  std::uint64_t turn_ = 0;
  std::uint64_t partitions_ = 0;
};

// Replaces the text of a member by one of the same kind.
void replace(std::string& json, std::string_view before, const std::string& text) {
  const std::size_t at = json.find(before);
  if (at == std::string::npos) give_up("no such member");
  const std::size_t from = at + before.size();
  json.replace(from, json.find('"', from) - from, text);
}

std::string numbered(const char* prefix, std::uint64_t number) {
  char text[32];
  std::snprintf(text, sizeof text, "%s%06" PRIu64, prefix, number);
  return text;
}

void transactions(const std::string& topic, long from, long to, std::uint64_t keys) {
  Writer writer("zstd");
  const auto shapes = Records::transactions(kShapes);
  std::mt19937_64 random(static_cast<std::uint64_t>(from));
  for (long i = from; i < to; ++i) {
    std::string record = shapes[static_cast<std::size_t>(i) % kShapes];
    const std::string customer = numbered("CUST_", random() % keys);
    replace(record, "\"customer_id\": \"", customer);
    const auto back = random() % 10 == 0 ? static_cast<Timestamp>(random() % 5'000) : 0;
    writer.write(topic, customer, record, kBegin + i / 30 - back);
  }
}

void orders(const std::string& topic, long from, long to, std::uint64_t keys) {
  Writer writer("lz4");
  const auto shapes = orders_in_time(kShapes);
  std::mt19937_64 random(static_cast<std::uint64_t>(from));
  for (long i = from; i < to; ++i) {
    std::string record = shapes[static_cast<std::size_t>(i) % kShapes].value;
    replace(record, "\"user_id\":\"", numbered("user_", random() % keys));
    const auto back = random() % 10 == 0 ? static_cast<Timestamp>(random() % 5'000) : 0;
    writer.write(topic, {}, record, kBegin + i / 2 - back);
  }
}

void payments(const std::string& topics, long from, long to) {
  const std::string orders = topics.substr(0, topics.find(','));
  const std::string payments = topics.substr(topics.find(',') + 1);
  Writer writer("lz4");
  const auto shapes = orders_and_payments(kShapes / 2);
  for (long i = from; i < to; ++i) {
    std::string record = shapes[static_cast<std::size_t>(i) % kShapes].value;
    const std::string order = numbered("order_", static_cast<std::uint64_t>(i / 2));
    replace(record, "\"order_id\": \"", order);
    if (i % 2 == 1)
      replace(record, "\"payment_id\": \"", numbered("payment_", static_cast<std::uint64_t>(i)));
    writer.write(i % 2 == 0 ? orders : payments, order, record, kBegin + i * 2);
  }
}

void keys(const std::string& topic, long from, long to, std::uint64_t keys) {
  Writer writer("lz4");
  for (long i = from; i < to; ++i) {
    writer.write(topic, numbered("key-", static_cast<std::uint64_t>(i) % keys), "1",
                 kBegin + i / 1'000);
  }
}

}  // namespace
}  // namespace weir::perf

int main(int argc, char** argv) {
  const std::string what = argc == 6 ? argv[1] : "";
  const long from = argc == 6 ? std::atol(argv[3]) : 0;
  const long to = argc == 6 ? std::atol(argv[4]) : 0;
  const auto keys = static_cast<std::uint64_t>(argc == 6 ? std::atol(argv[5]) : 0);
  if (what == "transactions") {
    weir::perf::transactions(argv[2], from, to, keys);
  } else if (what == "orders") {
    weir::perf::orders(argv[2], from, to, keys);
  } else if (what == "payments") {
    weir::perf::payments(argv[2], from, to);
  } else if (what == "keys") {
    weir::perf::keys(argv[2], from, to, keys);
  } else {
    std::fprintf(stderr, "fill transactions|orders|payments|keys TOPIC FROM TO KEYS\n");
    return 64;
  }
  return 0;
}
