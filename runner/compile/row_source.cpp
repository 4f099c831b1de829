#include "compile/row_source.h"

namespace weir::compile {

namespace {

class RowSource final : public SourceStage {
 public:
  RowSource(const Topic<Key, Row>& topic, bool own_time)
      : own_time_(own_time),
        key_decoder_(topic.key->decoder()),
        value_decoder_(topic.value->decoder()) {}

  Status decode(const InputRecord& record) override {
    if (Status status = key_decoder_->read(record.key, key_); !status) {
      return Error{"key: " + status.error().text, status.error().hint, status.error().position};
    }
    row_.read_from(record);
    if (Status status = value_decoder_->read(record.value, row_); !status) return status;
    headers_ = record.headers;
    time_ = own_time_ ? row_.time : record.timestamp;
    if (time_ < 0 || time_ > detail::kLastEventTime) {
      return Error{"event time " + std::to_string(time_) + " is not between 1970 and 9999"};
    }
    return {};
  }
  Timestamp time() const override { return time_; }
  void forward(Timestamp observed) override {
    output_.forward({key_, row_, time_, observed, headers_});
  }
  void* input(int, std::type_index) override { return nullptr; }
  bool connect(int output, Stage& child, int port) override {
    return output == 0 && output_.connect(child, port);
  }

 private:
  const bool own_time_;
  const std::unique_ptr<Decoder<Key>> key_decoder_;
  const std::unique_ptr<Decoder<Row>> value_decoder_;
  Key key_;
  Row row_;
  Headers headers_;
  Timestamp time_ = 0;
  Output<RowRecord> output_;
};

}  // namespace

RowStream row_stream(Builder& builder, const Topic<Key, Row>& topic, bool own_time,
                     SourceOptions options) {
  StageSpec spec{.kind = "source", .name = "source-" + topic.name, .role = Role::source};
  spec.topic = topic.name;
  spec.idle = options.idle;
  spec.details = std::string(topic.key->name()) + ", " + std::string(topic.value->name());
  spec.make = [topic, own_time] { return std::make_unique<RowSource>(topic, own_time); };
  return {&builder, builder.add(std::move(spec)), 0, KeyedBy::producers};
}

}  // namespace weir::compile
