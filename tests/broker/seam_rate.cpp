// How fast records go through the seam to a real broker and back, and what it costs. For people;
// no test.
//
//   with_kafka.sh -- seam_rate [RECORDS [WORK_NS]]
//
// Writes 150-byte records into four partitions, then reads them back in batches of 1000 with so
// much busy time per record. A gap is a silence of more than 200 ms while records are waiting.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <sys/resource.h>

#include "broker/world.h"

namespace weir::tests {
namespace {

constexpr int kPartitions = 4;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double cpu() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

void print(const char* what, long records, double wall, double busy) {
  std::printf("%s %ld: %.2f M records/s, client CPU %.2f us/record\n", what, records,
              static_cast<double>(records) / wall / 1e6, busy * 1e6 / static_cast<double>(records));
}

std::string make_topic(kafka::Cluster& cluster) {
  auto admin = std::move(cluster.admin().value);
  const std::vector<kafka::TopicSpec> specs = {
      {.name = world()->unique("rate"), .partitions = kPartitions}};
  const auto made = admin->create_topics(specs);
  if (!made.ok() || !made.value.at(0).ok()) std::exit(1);
  return specs[0].name;
}

void write(kafka::Cluster& cluster, const std::string& topic, long records) {
  auto producer = std::move(cluster.producer({}).value);
  const auto id = producer->open(topic, Duration{10'000});
  if (!id.ok()) std::exit(1);
  std::string value = R"({"order_id":"o-00000000","user_id":"u-000000","note":")";
  unsigned noise = 1;
  while (value.size() < 148) {
    noise = noise * 1664525 + 1013904223;
    value.push_back(static_cast<char>('a' + (noise >> 16) % 26));
  }
  value += "\"}";
  const double wall = now();
  const double busy = cpu();
  for (long i = 0; i < records; ++i) {
    const kafka::Outgoing record{.topic = id.value,
                                 .partition = static_cast<std::int32_t>(i / 64 % kPartitions),
                                 .key = std::string_view(value).substr(13, 10),
                                 .value = value,
                                 .timestamp = 1'700'000'000'000 + i};
    while (producer->produce(record).fault == kafka::Fault::kRetriable) producer->poll();
    if (i % 256 == 0) producer->poll();
  }
  while (producer->flush(Duration{1'000}).fault == kafka::Fault::kRetriable) continue;
  print("produce", records, now() - wall, cpu() - busy);
}

void read(kafka::Cluster& cluster, const std::string& topic, long records, double work) {
  auto reader = std::move(cluster.reader({}).value);
  std::vector<kafka::Start> starts;
  for (std::int32_t i = 0; i < kPartitions; ++i) {
    starts.push_back({{topic, i}, 0, static_cast<kafka::Slot>(i)});
  }
  reader->start(starts);
  const double wall = now();
  const double busy = cpu();
  long seen = 0;
  int gaps = 0;
  double last = now();
  while (seen < records) {
    long found = 0;
    for (kafka::Slot slot = 0; slot < kPartitions; ++slot) {
      for (const kafka::Incoming& record : reader->read(slot, 1000).records) {
        ++found;
        const double until = now() + work;
        while (work > 0 && now() < until && record.value) continue;
      }
    }
    seen += found;
    if (found > 0) {
      if (seen > found && now() - last > 0.2) ++gaps;
      last = now();
    }
    reader->poll(Duration{found == 0 ? 20 : 0});
  }
  print("consume", records, now() - wall, cpu() - busy - work * static_cast<double>(records));
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  std::printf("gaps %d, max RSS %ld MiB\n", gaps, used.ru_maxrss / 1024);
}

}  // namespace
}  // namespace weir::tests

int main(int argc, char** argv) {
  if (weir::tests::world() == nullptr) {
    std::fprintf(stderr, "%s\n", weir::tests::world_missing().c_str());
    return 1;
  }
  const long records = argc > 1 ? std::atol(argv[1]) : 1'000'000;
  const double work = argc > 2 ? std::atof(argv[2]) / 1e9 : 0;
  const auto cluster = weir::tests::world()->connect();
  const std::string topic = weir::tests::make_topic(*cluster);
  weir::tests::write(*cluster, topic, records);
  weir::tests::read(*cluster, topic, records, work);
  return 0;
}
