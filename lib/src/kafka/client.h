// The seam to Kafka: all that the engine knows of it. Behind it stand librdkafka and the simulated
// cluster. Every object belongs to one thread; nothing here is called from another one. A client
// that is destroyed without close() takes no leave: to the brokers it is as dead as after SIGKILL.
//
// The engine never blocks longer than the `wait` it gives. A call that cannot finish in time
// (always at once in the simulated cluster) says kRetriable: the caller goes round its loop and
// calls again.
//
//   auto consumer = cluster.consumer({.group = "shop", .topics = {"orders"}});
//   for (const Event& event : consumer->poll(20ms)) ...       // kAssigned: accept(), at offsets
//   Batch batch = consumer->read(slot, 1000);                 // no copy; valid until the next read
//   producer->begin();
//   producer->produce({.topic = out, .key = key, .value = value, .timestamp = time});
//   producer->send_offsets(offsets, consumer->group_metadata());
//   producer->commit(10s);
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/outcome.h"
#include <weir/record.h>
#include <weir/time.h>

namespace weir::kafka {

inline constexpr std::int64_t kNoOffset = -1;

struct Partition {
  std::string topic;
  std::int32_t index = 0;
  auto operator<=>(const Partition&) const = default;
};

// A partition and an offset in it: the next record to read, with what was committed beside it.
struct Position {
  Partition partition;
  std::int64_t offset = kNoOffset;  // kNoOffset: nothing committed.
  std::string metadata{};
  bool operator==(const Position&) const = default;
};

// ---- Reading -----------------------------------------------------------------------------------

// The caller's own number for a partition that it reads: small, dense, chosen at the start, so that
// no record needs a look-up by name.
using Slot = std::uint32_t;

struct Start {
  Partition partition;
  std::int64_t offset = 0;  // Concrete: a logical one costs half a second.
  Slot slot = 0;
};

// A record as it lies in a partition.
struct Incoming {
  std::int64_t offset = 0;
  Timestamp timestamp = 0;  // -1 when the producer gave none.
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  const void* origin = nullptr;  // For headers(); null: it has none.
};

struct Batch {
  std::span<const Incoming> records;
  // Where reading goes on: behind the last record, or behind the control records and the aborted
  // records after it once they are known.
  std::int64_t next_offset = kNoOffset;
  // Nothing that may be read lay behind `next_offset` when the broker last answered, and that was a
  // moment ago: of a partition whose broker is away nobody knows. Stays so until a record comes.
  // Under read_committed the end is the last stable offset.
  bool at_end = false;
};

struct Event {
  enum class Kind : std::uint8_t {
    kAssigned,      // The group gave `partitions` to this member (all of them): call accept().
    kRevoked,       // They go elsewhere. Still ours: commit, then call release().
    kLost,          // They went elsewhere: nothing can be committed. Drop, then call release().
    kOffsetGone,    // The offset asked for is not in the partition: deleted, or the topic is new.
    kTopicMissing,  // A topic that was subscribed or started does not exist (or not yet).
    kTrouble,       // For the log: the client mends it alone.
    kFailed,        // The client is of no more use; `outcome` says why (kFenced, kDenied, kFatal).
  };
  Kind kind;
  std::vector<Partition> partitions{};
  Outcome outcome{};
};

// What group members and plain readers have in common.
class PartitionReader {
 public:
  virtual ~PartitionReader() = default;

  // Serves the client and returns what happened. Must be called at least every few seconds: it is
  // the sign of life. Waits until something happens or new records have come since the last poll,
  // at most `wait`; records that came before and were left unread do not end the wait. Valid until
  // the next poll.
  virtual std::span<const Event> poll(Duration wait) = 0;

  // Takes the next records of a partition, at most `max`; never waits. Views and records stay valid
  // until the next read, seek or stop of this slot. A partition that is not read holds back nobody:
  // its queue fills up, and then the client stops asking for more. That is the back-pressure.
  virtual Batch read(Slot slot, std::size_t max) = 0;

  // The headers of a record from the last read of its slot. Valid until the next call.
  virtual Headers headers(const Incoming& record) = 0;

  // Goes on reading at `offset`; records already read are gone.
  virtual void seek(Slot slot, std::int64_t offset) = 0;

  // The partition's end (under read_committed: the last stable offset) as last heard, refreshed
  // about every second, or kNoOffset. For lag; never for deciding that something has been read.
  virtual std::int64_t end_offset(Slot slot) const = 0;
};

// Reads partitions without a group: for restore, standby copies and inspection.
class Reader : public PartitionReader {
 public:
  virtual void start(std::span<const Start> starts) = 0;  // Adds. REQUIRES: slots not in use.
  virtual void stop(std::span<const Slot> slots) = 0;
};

// A member of a consumer group. It joins with its first poll.
class Consumer : public PartitionReader {
 public:
  // Answers kAssigned. Slots of an earlier assignment are forgotten. Partitions may be left out.
  virtual void accept(std::span<const Start> starts) = 0;
  // Answers kRevoked and kLost: reading stops, the group goes on.
  virtual void release() = 0;

  // What the group committed for these partitions, in their order. kRetriable also while a
  // transaction that will move them is open.
  virtual Reply<std::vector<Position>> committed(std::span<const Partition> partitions,
                                                 Duration wait) = 0;
  // At least once: commits outside a transaction. kStale after the partitions have moved.
  virtual Outcome commit(std::span<const Position> positions, Duration wait) = 0;

  // Who this member is in the present generation, for Producer::send_offsets. Fetch it anew for
  // every transaction. Opaque bytes; empty when not a member.
  virtual std::string group_metadata() const = 0;

  // Leaves: a dynamic member says so, a static one keeps its partitions for its next life. Commit
  // before. Returns after `wait` at the latest, whatever the brokers do. Nothing may follow.
  virtual void close(Duration wait) = 0;
};

// ---- Writing -----------------------------------------------------------------------------------

using TopicId = std::uint32_t;  // A topic that this producer has opened: 0, 1, 2 ...

inline constexpr std::int32_t kByKey = -1;  // murmur2 of the key as Java does; any, without a key.

// A record on its way out. Key, value and headers are copied before produce() returns.
struct Outgoing {
  TopicId topic = 0;
  std::int32_t partition = kByKey;
  std::optional<std::string_view> key{};
  std::optional<std::string_view> value{};
  Timestamp timestamp = 0;  // librdkafka writes 1 for 0 and less.
  Headers headers{};
  std::uint64_t tag = 0;  // The caller's; comes back when the broker refuses the record.
};

// The largest record that a producer sends: a state may be that large, and internal topics take it.
inline constexpr std::size_t kRecordBytesMax = 66'000'000;

// A record that the broker did not take (kTooLarge, kBadTimestamp, kMissing, ...). Brokers judge
// whole batches: the neighbours of a bad record come back with it.
struct Refused {
  TopicId topic = 0;
  std::uint64_t tag = 0;
  Outcome outcome{};
};

class Producer {
 public:
  virtual ~Producer() = default;

  // Transactional: fences every older producer of this transactional id and ends what it left open.
  // Must succeed once before anything else. kRetriable: again. Otherwise does nothing.
  virtual Outcome init(Duration wait) = 0;

  // Makes a topic known, so that the first record does not wait for it. kMissing: no such topic.
  virtual Reply<TopicId> open(std::string_view topic, Duration wait) = 0;
  // Its number of partitions: at least that of the opening.
  virtual std::int32_t partitions(TopicId topic) const = 0;

  virtual Outcome begin() = 0;  // REQUIRES: transactional, initialised, no transaction open.

  // Queues a record. kRetriable: the queue is full, poll() and again. kTooLarge: larger than
  // kRecordBytesMax. Whether the broker took it, flush() and commit() tell.
  virtual Outcome produce(const Outgoing& record) = 0;
  virtual void poll() = 0;  // Serves deliveries; call it every loop.

  // Waits until the broker has confirmed everything queued. kRetriable: not yet; again.
  virtual Outcome flush(Duration wait) = 0;

  // Adds the group's progress to the transaction. kStale: see Fault.
  virtual Outcome send_offsets(std::span<const Position> positions, std::string_view group_metadata,
                               Duration wait) = 0;
  // Flushes and commits. kRetriable: call it again, it may have happened or not, and will be known
  // then. kAbort: nothing became visible. kFenced, kFatal: unknown; committed offsets tell.
  virtual Outcome commit(Duration wait) = 0;
  virtual Outcome abort(Duration wait) = 0;

  // The offset behind the last record of this producer that the broker confirmed in this partition,
  // or kNoOffset. Complete after flush() or commit().
  virtual std::int64_t delivered(TopicId topic, std::int32_t partition) const = 0;

  // Records refused since the last call. Valid until the next call.
  virtual std::span<const Refused> refused() = 0;
};

// ---- Administration ----------------------------------------------------------------------------

using Configs = std::map<std::string, std::string, std::less<>>;

struct TopicSpec {
  std::string name;
  std::int32_t partitions = 1;
  std::int32_t replicas = -1;  // -1: the broker's default.
  Configs configs{};
};

struct GroupMember {
  std::string client_id{};
  std::string instance_id{};  // Empty: a dynamic member.
  std::string host{};
  std::vector<Partition> partitions{};
};

struct GroupState {
  std::string state{};  // Kafka's word: "Stable", "Empty", "Dead" (no such group), ...
  std::vector<GroupMember> members{};
};

enum class Isolation : std::uint8_t { kReadCommitted, kReadUncommitted };

// Lists are answered in the order of the question.
class Admin {
 public:
  virtual ~Admin() = default;

  virtual Reply<std::vector<std::string>> topics() = 0;
  // The number of partitions; 0: no such topic.
  virtual Reply<std::vector<std::int32_t>> partitions(std::span<const std::string> topics) = 0;
  // All configs of a topic, defaults included. kMissing.
  virtual Reply<Configs> configs(const std::string& topic) = 0;

  // Waits until the new topics can be used. One outcome each: kExists, kDenied (a bad config), ...
  virtual Reply<std::vector<Outcome>> create_topics(std::span<const TopicSpec> specs) = 0;
  virtual Outcome grow_topic(const std::string& topic, std::int32_t partitions) = 0;
  virtual Reply<std::vector<Outcome>> delete_topics(std::span<const std::string> topics) = 0;
  // Deletes what lies before each position.
  virtual Outcome delete_records(std::span<const Position> before) = 0;

  virtual Reply<std::vector<std::int64_t>> begin_offsets(std::span<const Partition> partitions) = 0;
  // kReadCommitted: the last stable offsets.
  virtual Reply<std::vector<std::int64_t>> end_offsets(std::span<const Partition> partitions,
                                                       Isolation isolation) = 0;
  // The first record at or after `time`; the end when there is none.
  virtual Reply<std::vector<std::int64_t>> offsets_at(std::span<const Partition> partitions,
                                                      Timestamp time) = 0;

  virtual Reply<std::vector<Position>> committed(const std::string& group,
                                                 std::span<const Partition> partitions) = 0;
  // All that the group has committed.
  virtual Reply<std::vector<Position>> committed(const std::string& group) = 0;
  virtual Reply<GroupState> group(const std::string& group) = 0;
  // kDenied while it has members.
  virtual Outcome delete_group(const std::string& group) = 0;
};

// ---- Clients -----------------------------------------------------------------------------------

struct ConsumerOptions {
  std::string group{};
  std::string instance_id{};  // Static membership; empty: dynamic.
  std::vector<std::string> topics{};
  Isolation isolation = Isolation::kReadCommitted;
  Duration session_timeout{45'000};
  std::string client_id{};
};

struct ReaderOptions {
  Isolation isolation = Isolation::kReadCommitted;
  std::string client_id{};
};

struct ProducerOptions {
  std::string transactional_id{};  // Empty: idempotent, no transactions.
  Duration transaction_timeout{10'000};
  std::string client_id{};
};

// A way to one Kafka cluster. The clients must not outlive it.
class Cluster {
 public:
  virtual ~Cluster() = default;

  // kDenied: a setting that the client refuses. No broker is asked yet.
  virtual Reply<std::unique_ptr<Consumer>> consumer(const ConsumerOptions& options) = 0;
  virtual Reply<std::unique_ptr<Reader>> reader(const ReaderOptions& options) = 0;
  virtual Reply<std::unique_ptr<Producer>> producer(const ProducerOptions& options) = 0;
  virtual Reply<std::unique_ptr<Admin>> admin() = 0;
};

}  // namespace weir::kafka
