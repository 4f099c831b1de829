#include "kafka/rdkafka_reader.h"

#include <memory>
#include <utility>

namespace weir::kafka {

Outcome RdReader::make(const RdkafkaOptions& options, const ReaderOptions& reader) {
  const Outcome made =
      client_.make(RD_KAFKA_CONSUMER, options, reader_properties(reader), this, nullptr);
  if (!made.ok()) return made;
  rd_kafka_poll_set_consumer(client_.get());
  queue_.reset(rd_kafka_queue_get_consumer(client_.get()));
  bell_.watch(queue_.get());
  fetcher_ = std::make_unique<RdFetcher>(client_.get(), bell_);
  return {};
}

RdReader::~RdReader() {
  fetcher_.reset();
  if (queue_) Bell::unwatch(queue_.get());
  queue_.reset();
}

std::span<const Event> RdReader::poll(Duration wait) {
  events_.clear();
  serve();
  if (events_.empty() && wait.count() > 0) {
    bell_.wait(wait);
    serve();
  }
  return events_;
}

void RdReader::serve() {
  while (const RdMessage message{rd_kafka_consumer_poll(client_.get(), 0)}) {
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    events_.push_back({Event::Kind::kTrouble,
                       {},
                       outcome_of(message->err, rd_kafka_message_errstr(message.get()))});
  }
  fetcher_->take_events(events_);
}

void RdReader::seek(Slot slot, std::int64_t offset) {
  if (fetcher_->seek(slot, offset)) return;
  const RdList list = fetcher_->list_of(std::span(&slot, 1));
  RdError error(rd_kafka_incremental_unassign(client_.get(), list.get()));
  if (!error) error.reset(rd_kafka_incremental_assign(client_.get(), list.get()));
  if (error) fetcher_->add_event({Event::Kind::kFailed, {}, outcome_of(error)});
}

void RdReader::start(std::span<const Start> starts) {
  if (starts.empty()) return;
  fetcher_->start(starts);
  const RdList list = fetcher_->list_of(starts);
  const RdError error(rd_kafka_incremental_assign(client_.get(), list.get()));
  if (error) fetcher_->add_event({Event::Kind::kFailed, {}, outcome_of(error)});
}

void RdReader::stop(std::span<const Slot> slots) {
  if (slots.empty()) return;
  const RdList list = fetcher_->list_of(slots);
  fetcher_->stop(slots);
  const RdError error(rd_kafka_incremental_unassign(client_.get(), list.get()));
  if (error) fetcher_->add_event({Event::Kind::kFailed, {}, outcome_of(error)});
}

}  // namespace weir::kafka
