#include <algorithm>
#include <numeric>

#include <weir/app_snapshot.h>

namespace weir {

const char* to_string(AppState state) {
  switch (state) {
    case AppState::created:
      return "created";
    case AppState::starting:
      return "starting";
    case AppState::rebalancing:
      return "rebalancing";
    case AppState::restoring:
      return "restoring";
    case AppState::running:
      return "running";
    case AppState::stopping:
      return "stopping";
    case AppState::stopped:
      return "stopped";
    case AppState::failed:
      return "failed";
  }
  return "unknown";
}

template <const std::array<double, 15>& limits>
void TimeHistogram<limits>::observe(double seconds, std::uint64_t times) {
  const auto limit = std::lower_bound(kLimits.begin(), kLimits.end(), seconds);
  counts[static_cast<std::size_t>(limit - kLimits.begin())] += times;
  sum += seconds * static_cast<double>(times);
}

template <const std::array<double, 15>& limits>
void TimeHistogram<limits>::add(const TimeHistogram& other) {
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
  sum += other.sum;
}

template <const std::array<double, 15>& limits>
std::uint64_t TimeHistogram<limits>::count() const {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

template <const std::array<double, 15>& limits>
double TimeHistogram<limits>::percentile(double percent) const {
  const double wanted = static_cast<double>(count()) * percent / 100;
  double below = 0;
  for (std::size_t i = 0; i < kLimits.size() && wanted > 0; ++i) {
    const auto here = static_cast<double>(counts[i]);
    const double from = i == 0 ? 0 : kLimits[i - 1];
    if (below + here >= wanted) return from + (kLimits[i] - from) * (wanted - below) / here;
    below += here;
  }
  return wanted > 0 ? kLimits.back() : 0;
}

template struct TimeHistogram<kLatencyLimits>;
template struct TimeHistogram<kStepLimits>;

void AppSnapshot::Step::add(const Step& other) {
  kind = other.kind;
  in += other.in;
  out += other.out;
  inputs.resize(std::max(inputs.size(), other.inputs.size()));
  for (std::size_t i = 0; i < other.inputs.size(); ++i) inputs[i] += other.inputs[i];
  busy_seconds += other.busy_seconds;
  times.add(other.times);
  open_windows += other.open_windows;
}

namespace {

Flow total(const std::map<std::string, Flow>& flows) {
  Flow all;
  for (const auto& [topic, flow] : flows) all.add(flow);
  return all;
}

}  // namespace

Flow AppSnapshot::total_in() const { return total(in); }
Flow AppSnapshot::total_out() const { return total(out); }

std::map<std::string, std::uint64_t> AppSnapshot::discarded_by_reason() const {
  std::map<std::string, std::uint64_t> reasons;
  for (const Discarded& one : discarded) reasons[one.reason] += one.records;
  return reasons;
}

std::uint64_t AppSnapshot::restore_remaining() const {
  std::uint64_t all = 0;
  for (const Store& store : stores) all += store.remaining;
  return all;
}

Duration AppSnapshot::stands_still() const {
  Duration longest{};
  for (const Worker& worker : workers) longest = std::max(longest, Duration(taken - worker.turned));
  return longest;
}

}  // namespace weir
