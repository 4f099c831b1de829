#include "job/structure.h"

#include <algorithm>

#include "job/scalar.h"

namespace weir::job {

namespace {

std::string_view kind_of(const Node& node) {
  if (node.is_map()) return "a map";
  if (node.is_list()) return "a list";
  if (node.is_null()) return "nothing";
  return "a single value";
}

class Structure {
 public:
  explicit Structure(Diagnostics& found) : found_(found) {}

  // `at`: where to point when something about the whole map is wrong.
  void map(const Node& node, const MapSpec& spec, Place at) {
    if (!node.is_map()) return wrong_kind(node, spec.name, "a map", at);
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      if (const KeySpec* key = spec.find(node.keys[i].text)) {
        value(node.keys[i], node.items[i], *key);
      } else {
        unknown_key(node.keys[i], spec);
      }
    }
    for (const KeySpec& key : spec.keys) {
      if (!key.required || node.find(key.name) != nullptr) continue;
      found_.error("E102", at, std::string(spec.name) + " needs '" + std::string(key.name) + "'")
          .hint = std::string(key.doc);
    }
  }

 private:
  void unknown_key(const Node& key, const MapSpec& spec) {
    std::vector<std::string> names;
    std::string listed;
    for (const KeySpec& known : spec.keys) {
      names.emplace_back(known.name);
      listed += (listed.empty() ? "" : ", ") + names.back();
    }
    const bool step = &spec == &step_language();
    Diagnostic& d =
        found_.error(step ? "E107" : "E101", key.place,
                     step ? "unknown step '" + key.text + "'"
                          : "unknown key '" + key.text + "' in " + std::string(spec.name));
    d.hint = did_you_mean(key.text, names);
    d.notes.push_back((step ? "steps: " : "keys of " + std::string(spec.name) + ": ") + listed);
  }

  void wrong_kind(const Node& node, std::string_view what, std::string_view wanted, Place at) {
    const Place place = node.is_null() || node.place.nowhere() ? at : node.place;
    found_.error("E103", place,
                 std::string(what) + " is " + std::string(wanted) + ", but here stands " +
                     std::string(kind_of(node)));
  }

  void value(const Node& key, const Node& node, const KeySpec& spec) {
    const std::string what = "'" + key.text + "'";
    switch (spec.want) {
      case Want::none:
        // A console needs no words.
        if (node.is_null() && spec.name == "console") return;
        return map(node, *spec.map, key.place);
      case Want::maps_by_name:
        return named(key, node, spec);
      case Want::expressions_by_name:
      case Want::aggregates_by_name:
      case Want::constants_by_name:
        return named_scalars(key, node, spec);
      case Want::maps:
        return list_of_maps(key, node, *spec.map);
      case Want::steps:
        return steps(key, node, *spec.map);
      case Want::sinks:
        return sinks(key, node, *spec.map);
      case Want::fields:
        return fields(key, node);
      case Want::names:
        return scalars(key, node, spec, false);
      case Want::sources:
      case Want::expressions:
        if (node.is_map() && spec.map != nullptr) return map(node, *spec.map, key.place);
        return scalars(key, node, spec, true);
      default:
        break;
    }
    if (node.is_map() && spec.map != nullptr) return map(node, *spec.map, key.place);
    if (!node.is_scalar()) return wrong_kind(node, what, describe(spec.want), key.place);
    scalar(node, spec, what);
  }

  void scalar(const Node& node, const KeySpec& spec, const std::string& what) {
    if (fits(spec.want, spec.words, node.text)) {
      if (node.text.empty()) {
        found_.error("E112", node.place, what + " is empty");
      } else if (is_expression(spec.want)) {
        look_for_comment(node);
      }
      return;
    }
    const std::string shown = node.secret ? "***" : node.text.substr(0, 60);
    Diagnostic& d = found_.error(spec.want == Want::version ? "E110" : "E104", node.place,
                                 "'" + shown + "' is not " + wanted(spec));
    const std::vector<std::string> words(spec.words.begin(), spec.words.end());
    d.hint = did_you_mean(node.text, words);
    d.notes.push_back(what + ": " + std::string(spec.doc));
  }

  static std::string wanted(const KeySpec& spec) {
    if (spec.words.empty()) return std::string(describe(spec.want));
    std::string listed;
    for (const std::string_view word : spec.words) {
      listed += (listed.empty() ? "'" : ", '") + std::string(word) + "'";
    }
    if (spec.want == Want::word) return spec.words.size() == 1 ? listed : "one of " + listed;
    return std::string(describe(spec.want)) + ", nor " + listed;
  }

  // `amount #b` is cut at the comment, and a reader may have meant more.
  void look_for_comment(const Node& node) {
    if (node.style != Node::Style::plain || node.from_outside) return;
    const std::string_view rest = found_.source().text().substr(node.place.end());
    if (!rest.starts_with(" #")) return;
    found_
        .warning("W005", {node.place.end() + 1, 1},
                 "YAML cuts the expression here: '#' starts a comment")
        .hint = "put two blanks before a comment, or the expression between quotes";
  }

  void named(const Node& key, const Node& node, const KeySpec& spec) {
    if (!node.is_map())
      return wrong_kind(node, "'" + key.text + "'", describe(spec.want), key.place);
    if (node.items.empty()) found_.error("E112", key.place, "'" + key.text + "' is empty");
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      check_name(node.keys[i]);
      map(node.items[i], *spec.map, node.keys[i].place);
    }
  }

  void check_name(const Node& key) {
    if (is_name(key.text)) return;
    found_.error("E108", key.place, "'" + key.text + "' cannot be a name").hint =
        "a name has letters, digits and _, starts with a letter, and is no word of the language";
  }

  void named_scalars(const Node& key, const Node& node, const KeySpec& spec) {
    if (!node.is_map())
      return wrong_kind(node, "'" + key.text + "'", describe(spec.want), key.place);
    if (node.items.empty()) found_.error("E112", key.place, "'" + key.text + "' is empty");
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      // Properties of librdkafka have dots in their names.
      if (spec.name != "properties") check_name(node.keys[i]);
      if (!node.items[i].is_scalar()) {
        wrong_kind(node.items[i], "'" + node.keys[i].text + "'",
                   is_expression(spec.want) ? "an expression" : "a single value",
                   node.keys[i].place);
      } else if (is_expression(spec.want)) {
        look_for_comment(node.items[i]);
      }
    }
  }

  void scalars(const Node& key, const Node& node, const KeySpec& spec, bool one_is_enough) {
    const std::string what = "'" + key.text + "'";
    if (node.is_scalar() && one_is_enough) return scalar(node, spec, what);
    if (!node.is_list()) return wrong_kind(node, what, describe(spec.want), key.place);
    if (node.items.empty()) found_.error("E112", key.place, what + " is empty");
    for (const Node& item : node.items) {
      if (!item.is_scalar()) {
        wrong_kind(item, "an entry of " + what, "a single value", key.place);
      } else {
        scalar(item, spec, what);
      }
    }
  }

  void list_of_maps(const Node& key, const Node& node, const MapSpec& spec) {
    if (!node.is_list()) return wrong_kind(node, "'" + key.text + "'", "a list", key.place);
    if (node.items.empty()) found_.error("E112", key.place, "'" + key.text + "' is empty");
    for (const Node& item : node.items)
      map(item, spec, item.is_null() ? key.place : first_of(item));
  }

  static Place first_of(const Node& node) {
    return node.is_map() && !node.keys.empty() ? node.keys[0].place : node.place;
  }

  void steps(const Node& key, const Node& node, const MapSpec& spec) {
    if (!node.is_list()) {
      wrong_kind(node, "'steps'", "a list", key.place);
      return;
    }
    for (const Node& item : node.items) {
      if (item.is_scalar()) {
        found_.error("E106", item.place, "a step is a verb with what it needs").hint =
            "write '- filter: amount > 0'";
        continue;
      }
      if (item.is_map() && item.keys.size() != 1) {
        const bool none = item.keys.empty();
        found_
            .error("E106", none ? item.place : item.keys[1].place,
                   none ? "this step is empty"
                        : "a step has exactly one key, but '" + item.keys[1].text +
                              "' is a second one")
            .hint =
            "start each step with its own dash; what belongs to a step is indented below it";
        continue;
      }
      map(item, spec, item.is_null() ? key.place : first_of(item));
    }
  }

  void sinks(const Node& key, const Node& node, const MapSpec& spec) {
    if (node.is_list()) {
      if (node.items.empty()) found_.error("E112", key.place, "'" + key.text + "' is empty");
      for (const Node& item : node.items) sink(key, item, spec);
    } else {
      sink(key, node, spec);
    }
  }

  void sink(const Node& key, const Node& node, const MapSpec& spec) {
    if (node.is_scalar()) {
      if (node.text.empty()) found_.error("E112", node.place, "'" + key.text + "' is empty");
      return;
    }
    map(node, spec, node.is_map() ? first_of(node) : key.place);
  }

  void fields(const Node& key, const Node& node) {
    if (node.is_scalar() && node.text == "any") return;
    if (!node.is_map()) return wrong_kind(node, "'fields'", describe(Want::fields), key.place);
    if (node.items.empty()) found_.error("E112", key.place, "'fields' is empty");
    for (const Node& name : node.keys) check_name(name);
  }

  Diagnostics& found_;
};

}  // namespace

bool is_expression(Want want) {
  return want == Want::expression || want == Want::expressions ||
         want == Want::expressions_by_name || want == Want::aggregates_by_name;
}

void check_structure(const Node& root, Diagnostics& found) {
  Structure(found).map(root, job_language(), {0, 1});
}

}  // namespace weir::job
