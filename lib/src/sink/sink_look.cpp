#include "sink/sink_look.h"

namespace weir::sink {

SinkLog hear_warnings(std::string& heard) {
  return [&heard](int level, std::string_view text) {
    if (level <= 4) heard = text;
  };
}

SinkLook look_by_opening(const Result<OpenSink>& opening, const std::string& heard) {
  if (!opening) return {SinkLook::Is::refused, opening.error().to_string()};
  const Result<std::unique_ptr<Sink>> opened = (*opening)(0);
  if (!opened) return {SinkLook::Is::refused, opened.error().to_string()};
  (*opened)->close();
  if (heard.empty()) return {};
  constexpr std::string_view kWaits = "; waiting for it";
  std::string why = heard;
  if (why.ends_with(kWaits)) why.resize(why.size() - kWaits.size());
  return {SinkLook::Is::unreachable, why};
}

}  // namespace weir::sink
