// TestDriver: a topology without a broker. The engine itself runs it, on a simulated cluster with
// partitions, transactions and changelogs, under a clock that the test moves; nothing sleeps and
// nothing is random.
//
//   TestDriver t(order_payment());
//   t.send(kPayments, "o1", {.id = "p1", .order_id = "o1"}, 2'000);
//   t.send(kOrders, "o1", {.id = "o1"}, 1'000);
//   EXPECT_THAT(t.read(kPaid), ElementsAre(OwnedRecord<std::string, PaidOrder>{"o1", ..., 2'000}));
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <weir/record.h>
#include <weir/store.h>
#include <weir/topic.h>
#include <weir/topology.h>

namespace weir {

struct TestOptions {
  int partitions = 1;        // Of every source topic, but for those in partitions_of.
  bool commit_each = true;   // Commit after every send; else only when the test says so.
  Timestamp wall_clock = 0;  // Where the wall clock starts.
  int instances = 1;         // Processes of the job that share its partitions.
  std::map<std::string, int> partitions_of{};
};

// A record as bytes that it owns.
struct LogRecord {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  Timestamp timestamp = 0;
  std::optional<std::string> key{};
  std::optional<std::string> value{};
  std::vector<std::pair<std::string, std::optional<std::string>>> headers{};
};

// A job that ends itself (OnError::stop, a broken store) does so in the call that made it:
// BrokenWorld is thrown, with its reason.
class TestDriver {
 public:
  explicit TestDriver(Topology topology, TestOptions options = {});
  ~TestDriver();
  TestDriver(TestDriver&&) noexcept;

  // Appends a record to a source topic and lets every task run until nothing more can be done.
  template <class K, class V>
  void send(const Topic<K, V>& topic, const std::type_identity_t<K>& key,
            const std::type_identity_t<V>& value, Timestamp at, int partition = 0) {
    std::string key_bytes, value_bytes;
    const bool has_key = topic.key->encoder()->write(key, key_bytes);
    const bool has_value = topic.value->encoder()->write(value, value_bytes);
    LogRecord record{partition, 0, at};
    if (has_key) record.key = std::move(key_bytes);
    if (has_value) record.value = std::move(value_bytes);
    send(topic.name, std::move(record));
  }
  // The same for bytes as they are.
  void send(std::string_view topic, LogRecord record);

  // The results in a topic since the last call, in the order they were written; across partitions
  // in the order of the partitions. Only committed results are seen.
  template <class K, class V>
  std::vector<OwnedRecord<K, V>> read(const Topic<K, V>& topic) {
    std::vector<OwnedRecord<K, V>> results;
    auto keys = topic.key->decoder();
    auto values = topic.value->decoder();
    for (const LogRecord& record : read(topic.name)) {
      OwnedRecord<K, V> result;
      check(static_cast<bool>(keys->read(record.key, result.key)), "a key cannot be read back");
      check(static_cast<bool>(values->read(record.value, result.value)), "a value cannot be read");
      result.timestamp = record.timestamp;
      results.push_back(std::move(result));
    }
    return results;
  }
  // The same as bytes; also for changelogs ("<store>-changelog") and repartition topics
  // ("<name>-repartition").
  std::vector<LogRecord> read(std::string_view topic);

  // Dead letters since the last call. REQUIRES: the topology names a topic for them.
  std::vector<LogRecord> dead_letters();
  // How many records were discarded for `reason`; all of them by reason.
  std::uint64_t discarded(std::string_view reason) const;
  std::map<std::string, std::uint64_t> discarded() const;

  // Moves the wall clock: silent partitions become idle, punctuation by wall clock fires.
  void advance(Duration by);
  void commit();
  // As a SIGKILL: what was not committed is gone. Everything starts again from the last commit,
  // with state restored from the changelogs alone (`keep_state` false) or from the state as it
  // would lie on the disk.
  void crash(bool keep_state = false);
  // Another process of the job: partitions move to it, committed by those who had them. Returns
  // its number; the first ones are 0, 1 ...
  int add_instance();
  // As a SIGKILL of one process whose machine is gone, too: the others take its partitions over
  // from its last commit. REQUIRES: it runs, and is not the last.
  void kill_instance(int number);
  // The end of input is the end of time: every window and every waiting record comes out.
  void drain();

  // A store of one task, to look at. Valid until the next send, commit or crash.
  template <class K, class V>
  Store<K, V> store(const KeyValueStore<K, V>& declaration, int partition = 0) {
    return Store<K, V>(store(declaration.name, partition));
  }
  BytesStore& store(std::string_view name, int partition = 0);
  // Stream time of the task that owns the source topic's partition; kNoTime at first.
  Timestamp stream_time(std::string_view topic, int partition = 0) const;

 private:
  class Job;
  std::unique_ptr<Job> job_;
};

}  // namespace weir
