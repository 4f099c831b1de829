#include "cli/format.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "job/diagnostic_print.h"
#include "job/language.h"
#include "job/structure.h"
#include "job/yaml.h"

namespace weir::cli {

namespace {

using job::Node;

// Finds the single `=` of expressions, as bytes of the file.
class EqualSigns {
 public:
  explicit EqualSigns(const job::Source& source) : source_(source) {}

  void map(const Node& node, const job::MapSpec& spec) {
    for (std::size_t i = 0; i < node.keys.size() && i < node.items.size(); ++i) {
      if (const job::KeySpec* key = spec.find(node.keys[i].text)) value(node.items[i], *key);
    }
  }
  const std::vector<std::size_t>& found() const { return found_; }

 private:
  void value(const Node& node, const job::KeySpec& key) {
    if (node.is_scalar()) {
      if (job::is_expression(key.want)) expression(node);
      return;
    }
    if (key.want == job::Want::expressions_by_name || key.want == job::Want::aggregates_by_name ||
        key.want == job::Want::expressions) {
      for (const Node& item : node.items) {
        if (item.is_scalar()) expression(item);
      }
      return;
    }
    if (key.map == nullptr) return;
    if (node.is_map() && key.want != job::Want::maps_by_name) return map(node, *key.map);
    for (const Node& item : node.items) {
      if (item.is_map()) map(item, *key.map);
    }
  }

  void expression(const Node& scalar) {
    bool text = false;
    for (std::size_t i = 0; i < scalar.text.size(); ++i) {
      if (scalar.text[i] == '\'') text = !text;
      if (text || scalar.text[i] != '=') continue;
      if (i + 1 < scalar.text.size() && scalar.text[i + 1] == '=') {
        ++i;
        continue;
      }
      const bool part =
          i > 0 && std::string_view("<>!=").find(scalar.text[i - 1]) != std::string_view::npos;
      if (!part) found_.push_back(job::offset_in_file(source_, scalar, i));
    }
  }

  const job::Source& source_;
  std::vector<std::size_t> found_;
};

std::string with_signs_doubled(const job::Source& source, std::vector<std::size_t> signs) {
  std::string text(source.text());
  std::ranges::sort(signs, std::greater<>());
  for (const std::size_t at : signs) {
    if (at < text.size() && text[at] == '=') text.insert(at, "=");
  }
  return text;
}

}  // namespace

Result<std::string> formatted(const job::Source& source) {
  job::Diagnostics found(source);
  const std::optional<Node> tree = job::read_yaml(found);
  if (!tree || found.has_errors()) return Error{job::print_plain(found.all())};
  EqualSigns signs(source);
  if (tree->is_map()) signs.map(*tree, job::job_language());
  const std::string text = with_signs_doubled(source, signs.found());
  std::string out;
  bool empty_before = true;  // No empty lines at the start.
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = text.find('\n', at);
    if (end == std::string::npos) end = text.size();
    std::string_view line = std::string_view(text).substr(at, end - at);
    const std::size_t last = line.find_last_not_of(" \t\r");
    line = last == std::string_view::npos ? std::string_view() : line.substr(0, last + 1);
    if (!line.empty() || !empty_before) out += std::string(line) + "\n";
    empty_before = line.empty();
    at = end + 1;
  }
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

}  // namespace weir::cli
