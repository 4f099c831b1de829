// The three shipped job files beside the same jobs in C++ (whole_* in jobs.cpp): what the language
// costs. The gate holds them together.
#include <stdexcept>
#include <string>
#include <vector>

#include "compile/compile.h"
#include "job/diagnostic_print.h"
#include "job/load.h"
#include "perf/job_inputs.h"
#include "perf/job_workload.h"

namespace weir::perf {
namespace {

// A shipped job without its second sink, which the jobs in C++ do not have.
std::string one_sink(const std::string& name, const std::string& second) {
  Result<job::Source> file = job::Source::read(std::string(WEIR_SOURCE_DIR) + "/jobs/" + name);
  if (!file) throw std::runtime_error(file.error().to_string());
  std::string text(file->text());
  if (const std::size_t at = text.find("      - " + second + ":"); !second.empty()) text.resize(at);
  return text;
}

// What a topology that was compiled from a job refers to.
class Compiled {
 public:
  explicit Compiled(std::string text) : source_("job.yaml", std::move(text)), found_(source_) {
    job::LoadOptions options;
    options.outside.environment = [](const std::string&) { return std::nullopt; };
    loaded_ = job::load_job(found_, options);
    if (!loaded_.plan) throw std::runtime_error(job::print_plain(found_.all()));
  }
  Result<Topology> topology() const {
    auto compiled = compile::compile(*loaded_.plan);
    if (!compiled) throw std::runtime_error(compiled.error().to_string());
    return std::move(compiled->topology);
  }

 private:
  job::Source source_;
  job::Diagnostics found_;
  job::Loaded loaded_;
};

class YamlJob : Compiled, public JobWorkload {
 public:
  YamlJob(const std::string& name, const std::string& second, std::vector<Fed> fed)
      : Compiled(one_sink(name, second)), JobWorkload(topology(), std::move(fed)) {}
};

struct OrderPayments final : YamlJob {
  OrderPayments()
      : YamlJob("order-payments.yaml", "mongodb", orders_and_payments(kJobRecords / 2)) {}
};
struct SlidingCounts final : YamlJob {
  SlidingCounts() : YamlJob("sliding-counts.yaml", "console", transactions_in_time(kJobRecords)) {}
};
struct OrderAnalytics final : YamlJob {
  OrderAnalytics() : YamlJob("order-analytics.yaml", "", orders_in_time(kJobRecords)) {}
};

const bool kOrderPayments = add_workload<OrderPayments>("yaml_order_payment", kJobRecords);
const bool kSlidingCounts = add_workload<SlidingCounts>("yaml_sliding_counts", kJobRecords);
const bool kOrderAnalytics = add_workload<OrderAnalytics>("yaml_order_analytics", kJobRecords);

}  // namespace
}  // namespace weir::perf
