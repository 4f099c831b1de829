#include <charconv>
#include <set>
#include <unordered_map>

#include "sink/bson.h"
#include "sink/bson_writer.h"
#include "sink/mongodb_client.h"
#include "sink/retry_clock.h"
#include <weir/mongodb_sink.h>

namespace weir {

namespace {

using sink::Bson;
using sink::MongodbAnswer;
using sink::RetryClock;
using What = MongodbAnswer::What;

constexpr std::uint32_t kDocumentBytesMax = 16 << 20;
// The driver splits what is larger, and then it loses errors.
constexpr std::size_t kBulkBytesMax = 32 << 20;
constexpr int kSameIdTriesMax = 5;

// Operations that go in one command, and the records they came from.
class Bulk {
 public:
  explicit Bulk(mongoc_collection_t* collection) {
    Bson options;
    BSON_APPEND_BOOL(options.get(), "ordered", false);
    bulk_ = mongoc_collection_create_bulk_operation_with_opts(collection, options.get());
  }
  ~Bulk() { mongoc_bulk_operation_destroy(bulk_); }
  Bulk(const Bulk&) = delete;
  Bulk& operator=(const Bulk&) = delete;

  mongoc_bulk_operation_t* get() { return bulk_; }
  void added(std::size_t record, std::size_t bytes) {
    records_.push_back(record);
    bytes_ += bytes;
  }
  bool has_room(std::size_t bytes, std::size_t records_max) const {
    return records_.empty() || (records_.size() < records_max && bytes_ + bytes <= kBulkBytesMax);
  }
  std::size_t record_of(std::size_t operation) const { return records_[operation]; }

  MongodbAnswer execute() {
    if (records_.empty()) return {};
    bson_t reply;
    bson_error_t error{};
    MongodbAnswer answer;
    if (mongoc_bulk_operation_execute(bulk_, &reply, &error) == 0) {
      answer = sink::read_answer(error, &reply);
    }
    bson_destroy(&reply);
    std::erase_if(answer.refused, [this](const auto& one) { return one.operation >= size(); });
    return answer;
  }

 private:
  std::size_t size() const { return records_.size(); }

  mongoc_bulk_operation_t* bulk_ = nullptr;
  std::vector<std::size_t> records_;
  std::size_t bytes_ = 0;
};

class MongodbSink final : public Sink {
 public:
  MongodbSink(const MongodbOptions& options, std::unique_ptr<sink::MongodbCollection> collection)
      : options_(options),
        collection_(std::move(collection)),
        writer_(options.columns, options.decimals, options.times),
        clock_(options.retry) {
    BSON_APPEND_BOOL(upsert_.get(), "upsert", true);
    BSON_APPEND_BOOL(upsert_.get(), "validate", false);  // The writer has seen to that.
  }
  ~MongodbSink() override { close(); }

  SinkPace pace() const override {
    return {.batch_records = options_.batch_records,
            .batch_every = options_.batch_every,
            .in_flight = options_.in_flight};
  }

  SinkAnswer probe() override {
    if (!checked_) return check_server();
    if (clock_.resting()) return clock_.waiting();
    const MongodbAnswer answer = collection_->check();
    if (answer.what != What::kDone) return told(answer);
    clock_.answered();
    return {};
  }

  // The worker waits no longer for the first word than for any other.
  SinkAnswer check_server() {
    if (checked_ || clock_.resting()) return checked_ ? SinkAnswer{} : clock_.waiting();
    const MongodbAnswer answer = collection_->check();
    if (answer.what != What::kDone) return told(answer);
    checked_ = true;
    clock_.succeeded();
    const std::string unique = collection_->unique_indexes();
    if (!unique.empty() && options_.log) {
      options_.log(5, named("refuses documents that repeat what is unique by " + unique));
    }
    return {};
  }

  SinkAnswer write(std::span<const SinkRecord> batch) override {
    if (SinkAnswer checked = check_server(); checked.what != SinkAnswer::What::done) {
      return checked;
    }
    if (clock_.resting()) return clock_.waiting();
    SinkAnswer answer;
    std::vector<std::size_t> rows = last_of_each(batch);
    for (int tries = 0; !rows.empty(); ++tries) {
      std::vector<std::size_t> again;
      const std::size_t refused = answer.refused.size();
      const MongodbAnswer trouble = write_rows(batch, rows, tries < kSameIdTriesMax, again, answer);
      if (trouble.what != What::kDone) return told(trouble);
      add_earlier(batch, std::span(answer.refused).subspan(refused), again);
      rows = std::move(again);
    }
    clock_.succeeded();
    return answer;
  }

  SinkAnswer flush() override { return {}; }
  void close() override { collection_.reset(); }

 private:
  std::string named(std::string words) const {
    return collection_->pool().without_secrets("MongoDB at " + collection_->pool().hosts() + ", " +
                                               options_.database + "." + options_.collection +
                                               ": " + words);
  }

  SinkAnswer told(const MongodbAnswer& answer) {
    if (answer.what == What::kAgain) return clock_.failed(named(answer.why));
    return RetryClock::answer(SinkAnswer::What::never, named(answer.why));
  }

  // A later result of the same id replaces an earlier one anyway. Not so where both count: such
  // batches are written in turns, because the server may take the operations in any order.
  std::vector<std::size_t> last_of_each(std::span<const SinkRecord> batch) {
    std::vector<std::size_t> rows;
    rows.reserve(batch.size());
    std::unordered_map<std::string_view, std::size_t> last;
    if (options_.write == MongodbWrite::upsert) {
      last.reserve(batch.size());
      for (std::size_t i = 0; i < batch.size(); ++i) {
        if (batch[i].key) last[*batch[i].key] = i;
      }
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto found = batch[i].key ? last.find(*batch[i].key) : last.end();
      if (found == last.end() || found->second == i) rows.push_back(i);
    }
    return rows;
  }

  // What was refused does not replace the result of the same id before it, which was left out.
  void add_earlier(std::span<const SinkRecord> batch, std::span<const SinkRefusal> refused,
                   std::vector<std::size_t>& rows) const {
    if (options_.write != MongodbWrite::upsert) return;
    for (const SinkRefusal& one : refused) {
      std::size_t at = one.record;
      while (at > 0 && batch[at - 1].key != batch[one.record].key) --at;
      if (at > 0 && batch[one.record].key) rows.push_back(at - 1);
    }
  }

  // Writes them in as many bulks as it takes. A bulk has one kind of operation and no id twice.
  MongodbAnswer write_rows(std::span<const SinkRecord> batch, const std::vector<std::size_t>& rows,
                           bool retry_same_id, std::vector<std::size_t>& again, SinkAnswer& into) {
    std::size_t next = 0;
    while (next < rows.size()) {
      Bulk bulk(collection_->get());
      const bool removing = !batch[rows[next]].value.has_value();
      ids_.clear();
      for (; next < rows.size(); ++next) {
        const SinkRecord& record = batch[rows[next]];
        if (record.value.has_value() == removing) break;
        if (!bulk.has_room(record.value.value_or("").size() * 2, options_.batch_records)) break;
        if (options_.write != MongodbWrite::upsert && record.key &&
            !ids_.insert(*record.key).second) {
          break;
        }
        if (Status s = add(record, rows[next], bulk); !s) {
          into.refused.push_back({rows[next], s.error().to_string()});
        }
      }
      MongodbAnswer answer = bulk.execute();
      if (answer.what != What::kDone) return answer;
      for (MongodbAnswer::Refused& one : answer.refused) {
        const std::size_t record = bulk.record_of(one.operation);
        if (one.same_id && retry_same_id) {
          again.push_back(record);
        } else {
          into.refused.push_back({record, collection_->pool().without_secrets(std::move(one.why))});
        }
      }
    }
    return {};
  }

  Status append_id(std::string_view key, bson_t* to) const {
    if (!options_.integer_ids) {
      bson_append_utf8(to, "_id", 3, key.data(), static_cast<int>(key.size()));
      return {};
    }
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number);
    if (error != std::errc() || end != key.data() + key.size()) {
      return Error{"its key is no integer, and the documents' ids are"};
    }
    bson_append_int64(to, "_id", 3, number);
    return {};
  }

  Status add(const SinkRecord& record, std::size_t at, Bulk& bulk) {
    if (!record.key) return Error{"it has no key, and a document needs an id"};
    selector_.clear();
    document_.clear();
    if (Status s = append_id(*record.key, selector_.get()); !s) return s;
    bson_error_t error{};
    if (!record.value) {
      if (!mongoc_bulk_operation_remove_one_with_opts(bulk.get(), selector_.get(), nullptr,
                                                      &error)) {
        return Error{error.message};
      }
      bulk.added(at, selector_.get()->len);
      return {};
    }
    if (Status s = build(record); !s) return s;
    if (document_.get()->len > kDocumentBytesMax) {
      return Error{"its document has " + std::to_string(document_.get()->len) +
                   " bytes, and MongoDB takes 16 MiB"};
    }
    const auto append = options_.write == MongodbWrite::upsert
                            ? mongoc_bulk_operation_replace_one_with_opts
                            : mongoc_bulk_operation_update_one_with_opts;
    if (!append(bulk.get(), selector_.get(), document_.get(), upsert_.get(), &error)) {
      return Error{error.message};
    }
    bulk.added(at, document_.get()->len + selector_.get()->len);
    return {};
  }

  // Into document_: the document, or the update that makes it.
  Status build(const SinkRecord& record) {
    if (options_.write == MongodbWrite::upsert) {
      if (Status s = append_id(*record.key, document_.get()); !s) return s;
      return writer_.write(*record.value, document_.get(), false);
    }
    const bool merge = options_.write == MongodbWrite::merge;
    bson_t fields;
    bson_append_document_begin(document_.get(), merge ? "$set" : "$setOnInsert", -1, &fields);
    Status written = writer_.write(*record.value, &fields, true);
    const bool nothing = bson_empty(&fields);
    bson_append_document_end(document_.get(), &fields);
    if (!written || !nothing) return written;
    // No fields: some servers refuse an empty $set, none refuses to set the id that it will have.
    document_.clear();
    bson_append_document_begin(document_.get(), "$setOnInsert", -1, &fields);
    Status id = append_id(*record.key, &fields);
    bson_append_document_end(document_.get(), &fields);
    return id;
  }

  const MongodbOptions options_;
  std::unique_ptr<sink::MongodbCollection> collection_;
  sink::BsonWriter writer_;
  RetryClock clock_;
  Bson upsert_;
  Bson selector_;
  Bson document_;
  std::set<std::string_view> ids_;
  bool checked_ = false;
};

}  // namespace

Status check_mongodb_address(const std::string& uri) {
  return sink::MongodbPool::check_address(uri);
}

Result<OpenSink> mongodb_sink(MongodbOptions options) {
  if (options.database.empty() || options.collection.empty()) {
    return Error{"a MongoDB sink needs the names of a database and a collection"};
  }
  if (options.batch_records == 0) return Error{"a batch has one record at least"};
  auto pool = sink::MongodbPool::open(options.uri, options.log);
  if (!pool) return pool.error();
  return OpenSink([options = std::move(options),
                   pool = std::move(*pool)](int) -> Result<std::unique_ptr<Sink>> {
    auto collection = sink::MongodbCollection::open(pool, options.database, options.collection);
    if (!collection) return collection.error();
    auto made = std::make_unique<MongodbSink>(options, std::move(*collection));
    const SinkAnswer answer = made->check_server();
    if (answer.what == SinkAnswer::What::never) return Error{answer.why};
    if (answer.what == SinkAnswer::What::again && options.log) {
      options.log(4, answer.why + "; waiting for it");
    }
    return std::unique_ptr<Sink>(std::move(made));
  });
}

}  // namespace weir
