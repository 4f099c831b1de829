// How long records take through a program: sends them at a fixed rate, whoever is ready or not, and
// reads what comes back. Each carries the moment it was meant to leave, so that late sending is
// part of the latency, never hidden.
//
//   latency IN OUT RATE SECONDS        prints "records=N p50_ms=.. p99_ms=.. max_ms=.."
#include <algorithm>
#include <atomic>
#include <thread>

#include <unistd.h>

#include "perf/kafka/bare.h"

namespace weir::perf {
namespace {

constexpr double kWarmUpSeconds = 3;
constexpr int kAfterSeconds = 2;

rd_kafka_t* reader_at_end(const std::string& topic) {
  rd_kafka_t* reader = client(
      RD_KAFKA_CONSUMER,
      {{"group.id", "latency"}, {"enable.auto.commit", "false"}, {"fetch.wait.max.ms", "50"}});
  rd_kafka_poll_set_consumer(reader);
  rd_kafka_topic_partition_list_t* start = rd_kafka_topic_partition_list_new(4);
  const auto all = extents(reader, topic);
  for (std::size_t p = 0; p < all.size(); ++p) {
    rd_kafka_topic_partition_list_add(start, topic.c_str(), static_cast<int>(p))->offset =
        all[p].second;
  }
  rd_kafka_assign(reader, start);
  return reader;
}

void send(const std::string& topic, double rate, std::int64_t begin, std::int64_t end) {
  rd_kafka_t* writer = client(RD_KAFKA_PRODUCER, {{"linger.ms", "1"}, {"acks", "1"}});
  const auto partitions = static_cast<std::int64_t>(extents(writer, topic).size());
  rd_kafka_topic_t* target = rd_kafka_topic_new(writer, topic.c_str(), nullptr);
  const std::string padding(150, 'x');
  for (std::int64_t i = 0;; ++i) {
    const auto meant = begin + static_cast<std::int64_t>(static_cast<double>(i) * 1e6 / rate);
    if (meant >= end) break;
    while (micros_now() < meant) usleep(100);
    std::string value = "{\"at\":\"" + std::to_string(meant) + "\",\"note\":\"" + padding + "\"}";
    rd_kafka_produce(target, static_cast<std::int32_t>(i % partitions), RD_KAFKA_MSG_F_COPY,
                     value.data(), value.size(), nullptr, 0, nullptr);
    rd_kafka_poll(writer, 0);
  }
  rd_kafka_flush(writer, 10'000);
}

int measure(const std::string& in, const std::string& out, double rate, double seconds) {
  rd_kafka_t* reader = reader_at_end(out);
  sleep(1);
  const std::int64_t begin = micros_now();
  const auto from = begin + static_cast<std::int64_t>(kWarmUpSeconds * 1e6);
  const auto end = from + static_cast<std::int64_t>(seconds * 1e6);
  std::atomic<bool> over{false};
  std::vector<double> waited;
  std::thread reading([&] {
    while (!over) {
      rd_kafka_message_t* message = rd_kafka_consumer_poll(reader, 20);
      if (message == nullptr) continue;
      const std::int64_t now = micros_now();
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        const std::string value(static_cast<const char*>(message->payload), message->len);
        const std::size_t at = value.find("\"at\":\"");
        const std::int64_t meant = at == std::string::npos ? 0 : std::atoll(&value[at + 6]);
        if (meant >= from) waited.push_back(static_cast<double>(now - meant) / 1e3);
      }
      rd_kafka_message_destroy(message);
    }
  });
  send(in, rate, begin, end);
  sleep(kAfterSeconds);
  over = true;
  reading.join();
  std::sort(waited.begin(), waited.end());
  const auto at = [&](double share) {
    return waited.empty()
               ? -1
               : waited[static_cast<std::size_t>(share * static_cast<double>(waited.size() - 1))];
  };
  std::printf("records=%zu p50_ms=%.2f p90_ms=%.2f p99_ms=%.2f p999_ms=%.2f max_ms=%.2f\n",
              waited.size(), at(0.5), at(0.9), at(0.99), at(0.999), at(1));
  std::fflush(stdout);
  _exit(0);
}

}  // namespace
}  // namespace weir::perf

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "latency IN OUT RATE SECONDS\n");
    return 64;
  }
  return weir::perf::measure(argv[1], argv[2], std::atof(argv[3]), std::atof(argv[4]));
}
