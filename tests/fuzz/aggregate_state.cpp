// Bytes of aggregates' state: what reads writes back as bytes that read as the same state; whatever
// it is, it can be added to, merged and asked for its results. Nothing else happens.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include <weir/aggregate.h>
#include <weir/row_aggregate.h>

namespace {

using namespace weir;

void require(bool ok) {
  if (!ok) std::abort();
}

struct Row {
  std::int64_t number = 0;
  double real = 0;
  std::string text{};
};

// Checks one accumulator against the bytes; `use` does to it what a task would.
template <class Acc, class Use>
void check_state(Bytes bytes, Acc acc, Use use) {
  Bytes rest = bytes;
  if (!acc.read(rest)) {
    use(acc);
    return;
  }
  require(rest.size() <= bytes.size());
  std::string written;
  acc.write(written);
  Acc again;
  Bytes in = written;
  require(again.read(in) && in.empty() && again == acc);
  std::string twice;
  again.write(twice);
  require(twice == written);
  acc.merge(again);
  use(acc);
}

const auto kPlan = aggregates(
    count(), sum(&Row::number), sum(&Row::real), avg(&Row::number), stddev(&Row::real),
    min(&Row::text), last(&Row::text), arg_max(&Row::text, &Row::number), collect(&Row::text, 2),
    distinct(&Row::text), distinct(&Row::number), approx_distinct(&Row::text, 0.1));

void check_whole(Bytes bytes) {
  check_state(bytes, kPlan.start(), [](auto& state) {
    kPlan.add(state, Row{1, 0.5, "a"}, 1);
    (void)state.result();
    state.next_partial();
    kPlan.add(state, Row{2, 0.5, "b"}, 2);
    std::string partial;
    state.write_partial(partial);
  });
}

void check_rows(Bytes bytes) {
  const RowAggregates plan({{.name = "n"}});
  check_state(bytes, plan.start(), [&](RowState& state) {
    std::vector<JsonValue> results(1);
    std::string text;
    try {
      (void)plan.add(state, {}, 1);
      (void)plan.result(state, results, text);
    } catch (const BrokenWorld&) {  // Of another plan.
    }
    (void)state.memory();
    state.next_partial();
  });
}

void check_each(Bytes bytes, unsigned which) {
  switch (which % 9) {
    case 0:
      return check_state(bytes, Hll(0.1), [](Hll& hll) {
        hll.told();
        hll.add(std::int64_t{5});
        (void)hll.value();
        std::string news;
        hll.write_news(news);
      });
    case 1:
      return check_state(bytes, DistinctInts(), [](DistinctInts& set) { set.add(5); });
    case 2:
      return check_state(bytes, DistinctStrings(), [](DistinctStrings& set) { set.add("5"); });
    case 3:
      return check_state(bytes, ExactSum(), [](ExactSum& sum) {
        sum.add(0.1);
        (void)sum.value();
      });
    case 4:
      return check_state(bytes, Deviation(), [](Deviation& deviation) {
        deviation.add(0.1);
        (void)deviation.value();
        (void)deviation.is_overflowed();
      });
    case 5:
      return check_state(bytes, Quantiles(), [](Quantiles& quantiles) {
        quantiles.add(0.1);
        (void)quantiles.value(0.5);
      });
    case 6:
      return check_state(bytes, Collect<RowValue>(3),
                         [](Collect<RowValue>& some) { some.add(JsonValue::integer(1), 5); });
    case 7:
      return check_rows(bytes);
    default:
      return check_whole(bytes);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  check_each(Bytes(reinterpret_cast<const char*>(bytes) + 1, size - 1), bytes[0]);
  return 0;
}
