#include <charconv>

#include "job/diagnostic_print.h"
#include "job/language.h"
#include "job/outside.h"
#include "job/structure.h"

namespace weir::job {

namespace {

// Walks down a path in the tree and in the language at once.
class Setter {
 public:
  Setter(std::string_view path, std::string value) : path_(path), value_(std::move(value)) {}

  Status map(Node& node, const MapSpec& spec, std::string_view rest) {
    // Names in the language have no dots; only properties of librdkafka do.
    const std::size_t dot = rest.find('.');
    const std::string_view word = rest.substr(0, dot);
    const std::string_view further =
        dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
    const KeySpec* key = spec.find(word);
    if (key == nullptr) return no_such(word, spec);
    Node* child = node.find(word);
    if (child == nullptr) {
      node.keys.push_back(scalar(std::string(word)));
      node.items.emplace_back();
      child = &node.items.back();
    }
    if (further.empty() && dot == std::string_view::npos) return leaf(*child, *key);
    return below(*child, *key, further);
  }

 private:
  static Node scalar(std::string text) {
    Node node;
    node.kind = Node::Kind::scalar;
    node.text = std::move(text);
    node.from_outside = true;
    return node;
  }

  Error error(std::string text, std::string hint = "") const {
    return {"--set " + std::string(path_) + ": " + std::move(text), std::move(hint)};
  }

  Status no_such(std::string_view word, const MapSpec& spec) const {
    std::vector<std::string> names;
    for (const KeySpec& key : spec.keys) names.emplace_back(key.name);
    return error(std::string(spec.name) + " has no '" + std::string(word) + "'",
                 did_you_mean(word, names));
  }

  Status leaf(Node& node, const KeySpec& key) {
    if (!takes_scalar(key.want)) return error("this is no single value");
    if (node.is_list()) return error("a list stands there, and --set replaces single values only");
    const Place place = node.place;
    node = scalar(value_);
    node.place = place;
    return {};
  }

  static bool takes_scalar(Want want) {
    switch (want) {
      case Want::none:
      case Want::names:
      case Want::fields:
      case Want::expressions_by_name:
      case Want::aggregates_by_name:
      case Want::constants_by_name:
      case Want::maps_by_name:
      case Want::maps:
      case Want::steps:
        return false;
      default:
        return true;
    }
  }

  Status below(Node& node, const KeySpec& key, std::string_view rest) {
    switch (key.want) {
      case Want::constants_by_name:
      case Want::expressions_by_name:
      case Want::aggregates_by_name:
        return named_scalar(node, key, rest);
      case Want::maps_by_name:
        return named_map(node, key, rest);
      case Want::maps:
      case Want::steps:
        return element(node, *key.map, rest);
      default:
        break;
    }
    if (key.want == Want::fields) return error("types are not to be set");
    if (key.map == nullptr) return error("nothing is below '" + std::string(key.name) + "'");
    if (node.is_list()) return element(node, *key.map, rest);
    become_map(node, key);
    return map(node, *key.map, rest);
  }

  // A scalar that has a long form, as in `watermark: 30s`, becomes that form.
  static void become_map(Node& node, const KeySpec& key) {
    if (node.is_map()) return;
    Node made;
    made.kind = Node::Kind::map;
    made.place = node.place;
    if (node.is_scalar()) {
      made.keys.push_back(scalar(std::string(key.map->keys[0].name)));
      made.items.push_back(std::move(node));
    }
    node = std::move(made);
  }

  Status named_scalar(Node& node, const KeySpec& key, std::string_view name) {
    if (Node* known = node.find(name)) {
      const Place place = known->place;
      *known = scalar(value_);
      known->place = place;
      return {};
    }
    if (key.name != "properties") return error("there is no '" + std::string(name) + "'");
    node.kind = Node::Kind::map;
    node.keys.push_back(scalar(std::string(name)));
    node.items.push_back(scalar(value_));
    return {};
  }

  Status named_map(Node& node, const KeySpec& key, std::string_view rest) {
    const std::size_t dot = rest.find('.');
    const std::string_view name = rest.substr(0, dot);
    Node* known = node.find(name);
    if (known == nullptr || !known->is_map()) {
      std::vector<std::string> names;
      for (const Node& one : node.keys) names.push_back(one.text);
      return error(
          "the job has no '" + std::string(name) + "' under '" + std::string(key.name) + "'",
          did_you_mean(name, names));
    }
    if (dot == std::string_view::npos) return error("this is no single value");
    return map(*known, *key.map, rest.substr(dot + 1));
  }

  Status element(Node& node, const MapSpec& spec, std::string_view rest) {
    const std::size_t dot = rest.find('.');
    const std::string_view word = rest.substr(0, dot);
    std::size_t index = 0;
    const auto [end, wrong] = std::from_chars(word.data(), word.data() + word.size(), index);
    if (wrong != std::errc() || end != word.data() + word.size() || !node.is_list()) {
      return error("'" + std::string(word) + "' is no number of an entry");
    }
    if (index >= node.items.size()) {
      return error("there are " + std::to_string(node.items.size()) + " entries, counted from 0");
    }
    if (dot == std::string_view::npos || !node.items[index].is_map()) {
      return error("this is no single value");
    }
    return map(node.items[index], spec, rest.substr(dot + 1));
  }

  std::string_view path_;
  std::string value_;
};

bool sounds_secret(std::string_view name) {
  for (const std::string_view word :
       {"password", "secret", "sasl.jaas", "token", "private.key", "key.pem"}) {
    if (name.find(word) != std::string_view::npos) return true;
  }
  return false;
}

// user:password@ in an address.
bool has_password(std::string_view uri) {
  const std::size_t start = uri.find("://");
  if (start == std::string_view::npos) return uri.find("password=") != std::string_view::npos;
  const std::string_view rest = uri.substr(start + 3);
  const std::size_t at = rest.rfind('@');  // A password may have a / that should have been %2F.
  return (at != std::string_view::npos && rest.substr(0, at).find(':') != std::string_view::npos) ||
         rest.find("password=") != std::string_view::npos;
}

void secrets_below(const Node& node, std::string_view key, Diagnostics& found) {
  if (node.is_scalar() && !node.from_outside && !node.text.empty() &&
      (sounds_secret(key) || ((key == "uri") && has_password(node.text)))) {
    Diagnostic& d = found.warning("W130", node.place, "a secret stands in the job file");
    d.hint = "use ${NAME}, ${file:/path} or ${credential:name}";
    d.excerpt.clear();  // The line would show it.
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    secrets_below(node.items[i], node.is_map() ? std::string_view(node.keys[i].text) : key, found);
  }
}

void write_redacted(const Node& node, std::string_view key, std::string& out) {
  if (node.is_null()) {
    out += "null";
  } else if (node.is_scalar()) {
    out += node.secret || sounds_secret(key) ? "\"***\"" : json_quoted(node.text);
  } else {
    out += node.is_map() ? '{' : '[';
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      if (i > 0) out += ", ";
      if (node.is_map()) out += json_quoted(node.keys[i].text) + ": ";
      write_redacted(node.items[i], node.is_map() ? std::string_view(node.keys[i].text) : key, out);
    }
    out += node.is_map() ? '}' : ']';
  }
}

}  // namespace

Status set_scalar(Node& root, std::string_view path, std::string value) {
  if (!root.is_map()) return Error{"--set needs a job that is a map"};
  Node changed = root;
  if (Status s = Setter(path, std::move(value)).map(changed, job_language(), path); !s) return s;
  root = std::move(changed);
  return {};
}

void find_inline_secrets(const Node& root, Diagnostics& found) { secrets_below(root, "", found); }

std::string redacted_json(const Node& root) {
  std::string out;
  write_redacted(root, "", out);
  return out;
}

}  // namespace weir::job
