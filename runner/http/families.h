// Metrics on their way into Prometheus' text form.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace weir::http {

using Labels = std::vector<prometheus::ClientMetric::Label>;

class Families {
 public:
  // Begins a metric; values are added to the last one begun.
  void begin(std::string name, std::string help, prometheus::MetricType type) {
    families_.push_back({std::move(name), std::move(help), type, {}});
  }
  void counter(Labels labels, double value) {
    prometheus::ClientMetric& metric = add(std::move(labels));
    metric.counter.value = value;
  }
  void gauge(Labels labels, double value) {
    prometheus::ClientMetric& metric = add(std::move(labels));
    metric.gauge.value = value;
  }
  template <class Times>
  void histogram(Labels labels, const Times& from) {
    prometheus::ClientMetric& metric = add(std::move(labels));
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < from.counts.size(); ++i) {
      below += from.counts[i];
      const double limit =
          i < Times::kLimits.size() ? Times::kLimits[i] : std::numeric_limits<double>::infinity();
      metric.histogram.bucket.push_back({below, limit});
    }
    metric.histogram.sample_count = below;
    metric.histogram.sample_sum = from.sum;
  }
  // Metrics without a value are left out.
  std::string text() const {
    std::vector<prometheus::MetricFamily> told;
    for (const prometheus::MetricFamily& family : families_) {
      if (!family.metric.empty()) told.push_back(family);
    }
    return prometheus::TextSerializer().Serialize(told);
  }

 private:
  prometheus::ClientMetric& add(Labels labels) {
    prometheus::ClientMetric& metric = families_.back().metric.emplace_back();
    metric.label = std::move(labels);
    return metric;
  }

  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace weir::http
