#include "job/outside.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "job/language.h"
#include "job/structure.h"

namespace weir::job {

namespace {

constexpr std::size_t kValueBytesMax = 64 * 1024;

Result<std::string> read_value(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{"cannot read '" + path + "'"};
  std::string text(kValueBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return Error{"cannot read '" + path + "'"};
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kValueBytesMax) return Error{"'" + path + "' is longer than 64 KiB"};
  return text;
}

class Expansion {
 public:
  Expansion(const Node& root, const Outside& outside, Diagnostics& found)
      : root_(root), outside_(outside), found_(found) {}

  void map(Node& node, const MapSpec& spec) {
    for (std::size_t i = 0; i < node.keys.size() && i < node.items.size(); ++i) {
      if (const KeySpec* key = spec.find(node.keys[i].text)) value(node.items[i], *key);
    }
  }

 private:
  void value(Node& node, const KeySpec& spec) {
    if (node.is_scalar()) {
      node.secret = node.secret || spec.secret;
      if (!is_expression(spec.want)) expand(node);
    } else if (node.is_list()) {
      for (Node& item : node.items) entry(item, spec);
    } else if (node.is_map()) {
      members(node, spec);
    }
  }

  void entry(Node& item, const KeySpec& spec) {
    if (item.is_map() && spec.map != nullptr) {
      map(item, *spec.map);
    } else if (item.is_scalar() && !is_expression(spec.want)) {
      expand(item);
    }
  }

  void members(Node& node, const KeySpec& spec) {
    if (spec.want == Want::constants_by_name) {
      for (Node& item : node.items) {
        if (item.is_scalar()) expand(item);
      }
    } else if (spec.want == Want::maps_by_name) {
      for (Node& item : node.items) map(item, *spec.map);
    } else if (spec.map != nullptr) {
      map(node, *spec.map);
    }
  }

  void expand(Node& node) {
    if (node.text.find("${") == std::string::npos) return;
    std::string all;
    std::string_view rest = node.text;
    for (std::size_t start = rest.find("${"); start != std::string_view::npos;
         start = rest.find("${")) {
      all += rest.substr(0, start);
      const std::size_t end = rest.find('}', start);
      if (end == std::string_view::npos) {
        found_.error("E506", node.place, "'${' is never closed").hint = "write ${NAME}";
        return;
      }
      all += one(node, std::string(rest.substr(start + 2, end - start - 2)));
      rest.remove_prefix(end + 1);
    }
    node.text = all + std::string(rest);
    node.from_outside = true;
  }

  std::string one(Node& node, const std::string& inside) {
    if (inside.starts_with("file:")) return of_file(node, inside.substr(5));
    if (inside.starts_with("credential:")) return of_credential(node, inside.substr(11));
    if (inside.starts_with("param:")) return of_param(node, inside.substr(6));
    const std::size_t name_end = inside.find(':');
    const std::string name = inside.substr(0, name_end);
    if (!is_variable(name)) {
      found_.error("E506", node.place, "'${" + inside + "}' is no value from outside").hint =
          "write ${NAME}, ${NAME:-default}, ${NAME:?message}, ${file:/path}, ${credential:name} or "
          "${param:name}";
      return {};
    }
    if (std::optional<std::string> value = outside_.environment(name)) {
      // An empty variable counts as absent where a default is given, as it does in a shell.
      if (!value->empty() || name_end == std::string::npos) return *value;
    }
    return fallback(node, name, name_end == std::string::npos ? "" : inside.substr(name_end + 1));
  }

  std::string fallback(const Node& node, const std::string& name, const std::string& rest) {
    if (rest.starts_with('-')) return rest.substr(1);
    if (rest.starts_with('?')) {
      found_.error("E502", node.place, name + ": " + rest.substr(1)).hint =
          "set the environment variable " + name;
    } else {
      found_.error("E501", node.place, "the environment variable " + name + " is not set").hint =
          "set it, or write ${" + name + ":-default}";
    }
    return {};
  }

  static bool is_variable(std::string_view name) {
    if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
    for (const char c : name) {
      const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
      if (!letter && !(c >= '0' && c <= '9')) return false;
    }
    return true;
  }

  std::string of_file(Node& node, const std::string& path) {
    node.secret = true;
    Result<std::string> text = outside_.file(path);
    if (!text) {
      found_.error("E503", node.place, text.error().text);
      return {};
    }
    if (text->ends_with('\n')) text->pop_back();
    if (text->ends_with('\r')) text->pop_back();
    return *text;
  }

  std::string of_credential(Node& node, const std::string& name) {
    node.secret = true;
    const bool bad = name.empty() || name.find('/') != std::string::npos;
    if (bad || outside_.credentials_folder.empty()) {
      found_
          .error(
              "E504", node.place,
              bad ? "'" + name + "' is no name of a credential" : "there are no credentials here")
          .hint = "systemd gives them by LoadCredential=" + name + ":/path in the unit";
      return {};
    }
    Result<std::string> text = outside_.credential(name);
    if (!text) {
      found_.error("E504", node.place, "there is no credential '" + name + "'");
      return {};
    }
    if (text->ends_with('\n')) text->pop_back();
    return *text;
  }

  std::string of_param(const Node& node, const std::string& name) {
    const Node* params = root_.find("params");
    const Node* value = params != nullptr ? params->find(name) : nullptr;
    if (value == nullptr || !value->is_scalar()) {
      found_.error("E505", node.place, "unknown parameter '" + name + "'").hint =
          "declare it under 'params' at the top of the job";
      return {};
    }
    return value->text;
  }

  const Node& root_;
  const Outside& outside_;
  Diagnostics& found_;
};

}  // namespace

Result<std::string> Outside::credential(const std::string& name) const {
  Result<std::string> text = file(credentials_folder + "/" + name);
  if (text) return text;
  Result<std::string> of_folder = file(credentials_folder + "/weir_" + name);
  return of_folder ? of_folder : text;
}

Outside Outside::of_process() {
  Outside outside;
  outside.environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
  };
  outside.file = read_value;
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  outside.credentials_folder = folder != nullptr ? folder : "";
  return outside;
}

void put_in_outside_values(Node& root, const Outside& outside, Diagnostics& found) {
  Node* params = root.is_map() ? root.find("params") : nullptr;
  for (const auto& [name, value] : outside.params) {
    Node* known = params != nullptr && params->is_map() ? params->find(name) : nullptr;
    if (known == nullptr || !known->is_scalar()) {
      Diagnostic& d = found.error("E505", {}, "the job has no parameter '" + name + "'");
      std::vector<std::string> names;
      if (params != nullptr) {
        for (const Node& key : params->keys) names.push_back(key.text);
      }
      d.hint = did_you_mean(name, names);
      continue;
    }
    known->text = value;
    known->from_outside = true;
    known->style = Node::Style::plain;
  }
  // First the parameters: other places may name them.
  if (root.is_map()) {
    const MapSpec params_first{"", std::span(job_language().find("params"), 1)};
    Expansion(root, outside, found).map(root, params_first);
    Expansion(root, outside, found).map(root, job_language());
  }
}

}  // namespace weir::job
