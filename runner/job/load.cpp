#include "job/load.h"

#include "job/check.h"
#include "job/structure.h"

namespace weir::job {

std::optional<Node> load_tree(Diagnostics& found, const LoadOptions& options, Status& usage) {
  std::optional<Node> tree = read_yaml(found);
  if (!tree || found.has_errors()) return std::nullopt;
  for (const auto& [path, value] : options.set) {
    usage = set_scalar(*tree, path, value);
    if (!usage) return std::nullopt;
  }
  put_in_outside_values(*tree, options.outside, found);
  if (found.has_errors()) return std::nullopt;  // The shape of what is not there cannot be told.
  check_structure(*tree, found);
  find_inline_secrets(*tree, found);
  return tree;
}

Loaded load_job(Diagnostics& found, const LoadOptions& options) {
  Loaded loaded;
  std::optional<Node> tree = load_tree(found, options, loaded.usage);
  if (tree) {
    loaded.redacted_json = redacted_json(*tree);
    if (!found.has_errors()) loaded.plan = check_job(*tree, found);
    if (loaded.plan && options.check_addresses) check_addresses(*loaded.plan, found);
  }
  found.sort();
  if (found.has_errors()) loaded.plan.reset();
  return loaded;
}

std::vector<std::pair<std::string, int>> output_fields(const Schema& schema) {
  std::vector<std::pair<std::string, int>> fields;
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    const expression::Column& column = schema.columns[i];
    if (column.parent != expression::Column::kTopLevel || column.presence) continue;
    fields.emplace_back(column.name, static_cast<int>(i));
  }
  return fields;
}

std::string_view name_of(StepKind kind) {
  switch (kind) {
    case StepKind::filter:
      return "filter";
    case StepKind::require:
      return "require";
    case StepKind::assign:
      return "assign";
    case StepKind::key:
      return "key";
    case StepKind::explode:
      return "explode";
    case StepKind::dedupe:
      return "dedupe";
    case StepKind::join:
      return "join";
    case StepKind::aggregate:
      return "aggregate";
    case StepKind::log:
      return "log";
  }
  return "";
}

}  // namespace weir::job
