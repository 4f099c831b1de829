// What would happen if a job started now, line by line: as text and as JSON.
#pragma once

#include <string>
#include <vector>

#include "cli/prepared_job.h"
#include <weir/preview.h>
#include <weir/sink_look.h>

namespace weir::cli {

struct PlanLine {
  std::string area{};  // topics, state, input, output
  std::string what{};  // make, differs, keep, ...
  std::string name{};
  std::string text{};
  bool is_change = false;  // From what lies there now.
};

// A sink that is no topic, and what its server or folder said.
struct SinkAhead {
  std::string kind{};  // "postgres"
  std::string name{};  // "table shop.pairs"
  SinkLook look{};
};

std::vector<PlanLine> plan_lines(const Preview& preview, const std::vector<SinkAhead>& sinks);
bool has_change(const std::vector<PlanLine>& lines);

std::string plan_text(const std::string& job, const Preview& preview,
                      const std::vector<PlanLine>& lines);
// `code`: what the command ends with.
std::string plan_json(const std::string& job, const Preview& preview,
                      const std::vector<PlanLine>& lines, int code);

}  // namespace weir::cli
