// Builder: where a topology starts and ends.
//
//   Builder builder;
//   builder.stream(kOrders).filter([](const Order& o) { return o.amount > 0; }).to(kGood);
//   Result<Topology> plan = builder.build();
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeindex>
#include <unordered_map>
#include <utility>
#include <vector>

#include <weir/detail/ends.h>
#include <weir/topology.h>

namespace weir {

template <class K, class V>
class Stream;

// How a topic is read.
struct SourceOptions {
  // A partition read to its end and silent for this long follows the wall clock, so that the last
  // windows of a quiet topic close. Zero: never.
  Duration idle = std::chrono::minutes(1);
};

// Collects operators, then makes the plan. Streams refer to their builder: it must outlive them.
class Builder {
 public:
  Builder() = default;
  explicit Builder(ErrorPolicy errors) : errors_(std::move(errors)) {}
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;

  // The records of a topic; event time is the record's own timestamp. A topic may be asked for
  // twice in the same way; it is read once.
  template <class K, class V>
  Stream<K, V> stream(const Topic<K, V>& topic, SourceOptions options = {});

  // The same with event time taken from the record: `time` is a function of the value, of key and
  // value, or of the record, and returns a Timestamp.
  //
  //   builder.stream(kOrders, &Order::created_at);
  template <class K, class V, class Time>
  requires detail::FunctionOf<Time, K, V> Stream<K, V> stream(const Topic<K, V>& topic, Time time,
                                                              SourceOptions options = {});

  // Checks every rule and returns the plan, or an error that lists all that is wrong. The builder
  // is empty afterwards.
  Result<Topology> build();

  // For operators: adds a stage and returns its index. An empty name is generated from the kind.
  int add(StageSpec spec);
  // For operators: a rule that was broken where the DSL was called.
  void problem(std::string text) { problems_.push_back(std::move(text)); }
  // For operators with two inputs: both must come from here.
  void check_own(const Builder& other);

 private:
  // How a topic is read: by which function of time, and when it is idle.
  struct Reading {
    std::type_index time;
    Duration idle;
    bool operator==(const Reading&) const = default;
  };
  struct Source {
    int stage;
    std::type_index record;
    Reading reading;
  };
  void check_same(const std::string& topic, const Source& known, const Reading& wanted);

  std::vector<StageSpec> stages_;
  std::unordered_map<std::string, Source> sources_;
  std::vector<std::string> problems_;
  ErrorPolicy errors_;
};

}  // namespace weir

#include <weir/stream.h>
