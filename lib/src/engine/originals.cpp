#include "engine/originals.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "engine/held_letter.h"

namespace weir::engine {

namespace {

constexpr kafka::Slot kOnlySlot = 0;
constexpr std::size_t kReadAtOnce = 1000;
constexpr std::int64_t kReadThrough = 5000;  // Records up to the next one; from there on it seeks.
constexpr Duration kAnswerPause{2};
constexpr int kPausesMax = 20;              // Of one turn.
constexpr std::int64_t kPatienceMs = 4000;  // Less than half of what a transaction may take.

auto place(const Origin& origin) { return std::tie(origin.topic, origin.partition, origin.offset); }

}  // namespace

Originals::Originals(kafka::Cluster& cluster, std::span<const std::string> topics)
    : cluster_(cluster) {
  for (const std::string& topic : topics) topics_.emplace(origin_topic(topic), topic);
}

void Originals::begin(std::vector<Origin> wanted, Timestamp now) {
  wanted_ = std::move(wanted);
  order_.resize(wanted_.size());
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::stable_sort(order_.begin(), order_.end(), [this](std::size_t a, std::size_t b) {
    return place(wanted_[a]) < place(wanted_[b]);
  });
  done_ = 0;
  since_ = now;
}

void Originals::forget() {
  wanted_.clear();
  order_.clear();
  done_ = 0;
  stop();
}

bool Originals::step(Timestamp now, const Found& found) {
  for (int pauses = 0; done_ < order_.size();) {
    if (now - since_ >= kPatienceMs || !open()) {
      give_up_all(found);
      break;
    }
    if (!turn_to(next())) {
      give_up(found);
      continue;
    }
    const std::size_t before = done_;
    const bool any = read(found);
    if (any || done_ != before) continue;
    if (++pauses > kPausesMax) return false;
  }
  forget();
  return true;
}

bool Originals::open() {
  if (reader_) return true;
  auto reply = cluster_.reader({});
  if (reply.ok()) reader_ = std::move(reply.value);
  return reader_ != nullptr;
}

// False: no topic of this job.
bool Originals::turn_to(const Origin& place) {
  const auto topic = topics_.find(place.topic);
  if (topic == topics_.end()) return false;
  const kafka::Partition partition{topic->second, place.partition};
  if (reading_ != partition) {
    stop();
    reading_ = partition;
    position_ = place.offset;
    const kafka::Start start{partition, position_, kOnlySlot};
    reader_->start(std::span(&start, 1));
  } else if (place.offset < position_ || place.offset > position_ + kReadThrough) {
    position_ = place.offset;
    reader_->seek(kOnlySlot, position_);
  }
  return true;
}

// Reads on in the partition of the next place. False: nothing new.
bool Originals::read(const Found& found) {
  const kafka::Partition partition = reading_;
  const kafka::Batch batch = reader_->read(kOnlySlot, kReadAtOnce);
  for (const kafka::Incoming& record : batch.records) take(record, found);
  const std::int64_t before = std::exchange(position_, std::max(position_, batch.next_offset));
  const auto is_passed = [&] {
    return done_ < order_.size() && topics_[next().topic] == partition.topic &&
           next().partition == partition.index && (next().offset < position_ || batch.at_end);
  };
  while (is_passed()) give_up(found);
  if (position_ > before || done_ == order_.size()) return true;
  for (const kafka::Event& event : reader_->poll(kAnswerPause)) {
    if (event.kind == kafka::Event::Kind::kTrouble) continue;
    // Deleted, or nobody's to read: the next place may be better.
    const bool broken = event.kind == kafka::Event::Kind::kFailed;
    give_up(found);
    stop();
    if (broken) reader_.reset();
    return true;
  }
  return false;
}

void Originals::take(const kafka::Incoming& record, const Found& found) {
  const kafka::Partition partition = reading_;
  while (done_ < order_.size()) {
    const Origin& wanted = next();
    if (topics_[wanted.topic] != partition.topic || wanted.partition != partition.index) return;
    if (wanted.offset > record.offset) return;
    if (wanted.offset < record.offset) {
      give_up(found);
      continue;
    }
    InputRecord original;
    original.topic = partition.topic;
    original.partition = partition.index;
    original.offset = record.offset;
    original.timestamp = record.timestamp;
    original.key = record.key;
    original.value = record.value;
    original.headers = reader_->headers(record);
    found(order_[done_++], &original);
  }
}

void Originals::give_up(const Found& found) { found(order_[done_++], nullptr); }

void Originals::give_up_all(const Found& found) {
  while (done_ < order_.size()) give_up(found);
}

void Originals::stop() {
  if (reader_ && !reading_.topic.empty()) reader_->stop(std::span(&kOnlySlot, 1));
  reading_ = {};
}

}  // namespace weir::engine
