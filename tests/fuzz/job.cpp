// Any bytes as a job file: findings, never a crash. A tree that was read is also changed by --set.
#include <cstddef>
#include <cstdint>
#include <string>

#include "job/diagnostic_print.h"
#include "job/load.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace weir::job;
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  const Source source("job.yaml", text);
  LoadOptions options;
  options.outside.environment = [](const std::string& name) -> std::optional<std::string> {
    if (name.size() % 2 == 0) return std::nullopt;
    return name;
  };
  options.outside.file = [](const std::string&) -> weir::Result<std::string> {
    return weir::Error{"no files here"};
  };
  for (const bool set : {false, true}) {
    if (set) options.set = {{"streams.orders.topic", "x"}, {"kafka.brokers", "b"}};
    Diagnostics found(source);
    const Loaded loaded = load_job(found, options);
    if (!loaded.plan && loaded.usage && !found.has_errors()) __builtin_trap();
    if (print_pretty(found.all(), true).empty() != found.all().empty()) __builtin_trap();
    (void)print_sarif(found.all(), "0");
  }
  return 0;
}
