#include <algorithm>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/job_file.h"
#include "cli/job_outline.h"
#include "cli/layout.h"
#include "cli/numbers.h"
#include "cli/state_estimate.h"
#include "compile/compile.h"
#include "job/diagnostic_print.h"
#include "job/scalar.h"

namespace weir::cli {

namespace {

bool looks_like_a_code(const std::string& word) {
  return word.size() == 4 && std::string_view("EWew").find(word[0]) != std::string_view::npos &&
         word.find_first_not_of("0123456789", 1) == std::string::npos;
}

int explain_code(std::string code, Terminal& terminal) {
  code[0] = static_cast<char>(code[0] & ~0x20);  // Upper case.
  const job::CodePage* const page = job::find_code_page(code);
  if (page == nullptr) return terminal.complain("weir explain: there is no " + code), kUsage;
  const std::string head = std::string(page->code) + ": " + std::string(page->title);
  terminal.print(styled(head, "1", terminal.colors_results()) + "\n\n" +
                 reflowed(page->text, std::min(kPageColumns, Terminal::columns(stdout))));
  return kGood;
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string state_text(const job::JobPlan& plan, double rate) {
  const std::vector<StoreEstimate> estimates = estimate_state(plan, rate);
  if (estimates.empty()) return "state: none\n";
  std::size_t width = 0;
  for (const StoreEstimate& one : estimates) width = std::max(width, one.store.size());
  std::string out = "state at " + short_number(rate) + " records/s of each stream, about\n";
  for (const StoreEstimate& one : estimates) {
    out += "  " + padded(one.store, width + 2);
    if (one.rows < 0) {
      out += "a row for each key, kept for good\n";
      continue;
    }
    out += padded(short_number(one.rows) + " rows", 14) + padded(bytes_text(one.bytes), 10) +
           (one.kept_ms > 0 ? "kept " + duration_text(one.kept_ms) : "") + "\n";
  }
  return out;
}

std::string head_text(const job::JobPlan& plan) {
  std::size_t sinks = 0;
  for (const auto& pipeline : plan.pipelines) {
    sinks += pipeline.sinks.size();
    for (const auto& route : pipeline.routes) sinks += route.sinks.size();
  }
  std::string out = "job " + plan.name + "   " +
                    (plan.kafka.exactly_once ? "exactly once" : "at least once") + ", " +
                    std::to_string(plan.streams.size()) +
                    (plan.streams.size() == 1 ? " stream, " : " streams, ") +
                    std::to_string(sinks) + (sinks == 1 ? " sink\n" : " sinks\n");
  if (!plan.description.empty()) out += plan.description + "\n";
  return out + "\n";
}

// Names of stages with what separates words in mermaid taken out.
std::string mermaid_name(std::string_view name) {
  std::string out;
  for (const char c : name) out += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_';
  return out;
}

std::string mermaid(const Topology& topology) {
  std::string out = "flowchart LR\n";
  const auto& stages = topology.stages();
  for (std::size_t i = 0; i < stages.size(); ++i) {
    std::string label = stages[i].kind;
    if (!stages[i].topic.empty())
      label += " " + stages[i].topic;
    else if (!stages[i].details.empty())
      label += " " + stages[i].details;
    for (char& c : label) {
      if (c == '"') c = '\'';
    }
    const bool ends = stages[i].role == Role::source || stages[i].role == Role::sink;
    out += "  " + std::to_string(i) + mermaid_name(stages[i].name) + (ends ? "([\"" : "[\"") +
           label + (ends ? "\"])\n" : "\"]\n");
    for (const Edge& edge : stages[i].inputs) {
      const auto from = static_cast<std::size_t>(edge.from);
      out += "  " + std::to_string(from) + mermaid_name(stages[from].name) + " --> " +
             std::to_string(i) + mermaid_name(stages[i].name) + "\n";
    }
  }
  return out;
}

std::string json(const job::JobPlan& plan, const Topology& topology, double rate) {
  std::string out = "{\"job\":" + job::json_quoted(plan.name) + ",\"guarantee\":" +
                    (plan.kafka.exactly_once ? "\"exactly_once\"" : "\"at_least_once\"") +
                    ",\"state\":[";
  for (const StoreEstimate& one : estimate_state(plan, rate)) {
    if (out.back() != '[') out += ",";
    out +=
        "{\"store\":" + job::json_quoted(one.store) + ",\"kept_ms\":" + std::to_string(one.kept_ms);
    if (one.rows >= 0) {
      out += ",\"rows\":" + std::to_string(static_cast<std::int64_t>(one.rows)) +
             ",\"bytes\":" + std::to_string(static_cast<std::int64_t>(one.bytes));
    }
    out += "}";
  }
  std::string described = topology.describe(DescribeAs::json);
  while (described.ends_with("\n")) described.pop_back();
  return out + "],\"plan\":" + described + "}\n";
}

}  // namespace

int explain(const Call& call, Terminal& terminal) {
  const std::string& asked = call.operands().front();
  if (looks_like_a_code(asked)) return explain_code(asked, terminal);
  double rate = 1000;
  if (const auto text = call.value("--rate"); text && !job::parse_rate(*text, rate)) {
    return terminal.complain("weir explain: '" + *text + "' is no rate such as 1000/s"), kUsage;
  }
  const Result<job::LoadOptions> options = load_options(call);
  if (!options) return terminal.complain("weir explain: " + options.error().text), kUsage;
  JobFile file = read_job(asked, *options);
  if (const int code = report(file, terminal); code != kGood) return code;
  auto compiled = compile::compile(*file.loaded.plan);
  if (!compiled) return terminal.complain("weir explain: " + compiled.error().to_string()), kBadJob;
  const std::string format = call.value_or("--format", "text");
  const Topology& topology = compiled->topology;
  if (format == "dot") return terminal.print(topology.describe(DescribeAs::dot)), kGood;
  if (format == "mermaid") return terminal.print(mermaid(topology)), kGood;
  if (format == "json") return terminal.print(json(*file.loaded.plan, topology, rate)), kGood;
  if (format == "topology") return terminal.print(topology.describe()), kGood;
  const std::string text = head_text(*file.loaded.plan) + job_outline(*file.loaded.plan) + "\n" +
                           state_text(*file.loaded.plan, rate);
  const bool is_seen = Terminal::is_terminal(stdout);
  terminal.print(is_seen ? fitted(text, Terminal::columns(stdout)) : text);
  return kGood;
}

}  // namespace weir::cli
