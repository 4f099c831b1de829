#include "job/yaml.h"

#include <algorithm>
#include <sstream>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace weir::job {

const Node* Node::find(std::string_view key) const {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].text == key) return &items[i];
  }
  return nullptr;
}

Node* Node::find(std::string_view key) {
  return const_cast<Node*>(static_cast<const Node*>(this)->find(key));
}

const Node* Node::find_key(std::string_view key) const {
  for (const Node& node : keys) {
    if (node.text == key) return &node;
  }
  return nullptr;
}

namespace {

// Thrown through yaml-cpp to stop it: what follows would only repeat the first fault.
struct Stop {};

Node::Style style_at(std::string_view text, std::size_t offset) {
  const char first = offset < text.size() ? text[offset] : ' ';
  if (first == '\'') return Node::Style::single_quoted;
  if (first == '"') return Node::Style::double_quoted;
  // A plain scalar cannot start with these.
  if (first == '|' || first == '>') return Node::Style::block;
  return Node::Style::plain;
}

bool parentheses_open(std::string_view text) {
  int open = 0;
  bool quoted = false;
  for (const char c : text) {
    if (c == '\'') quoted = !quoted;
    if (quoted) continue;
    if (c == '(') ++open;
    if (c == ')') --open;
  }
  return open != 0;
}

// Builds the tree from yaml-cpp's events, which, unlike its nodes, still know every key twice.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(Diagnostics& found) : found_(found) {}

  std::optional<Node> take() {
    if (!root_) return std::nullopt;
    return std::move(*root_);
  }
  bool has_document() const { return root_.has_value(); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    Node node;
    // yaml-cpp places a missing value at the next token; it belongs behind its key.
    const bool has_key = !open_.empty() && open_.back().keys.size() > open_.back().items.size();
    node.place = has_key ? Place{open_.back().keys.back().place.end(), 0} : at(mark, 0);
    add(std::move(node));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    found_.error("E006", at(mark, 1), "aliases ('*name') are not supported").hint =
        "write the value again; what repeats can be a parameter under 'params'";
    add(Node{});
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    Node node;
    node.kind = Node::Kind::scalar;
    node.text = value;
    node.place = at(mark, 0);
    node.style = style_at(found_.source().text(), node.place.offset);
    const std::size_t end = value.empty()
                                ? node.place.offset
                                : offset_in_file(found_.source(), node, value.size() - 1) + 1;
    const bool quoted =
        node.style == Node::Style::single_quoted || node.style == Node::Style::double_quoted;
    node.place.length = end - node.place.offset + (quoted ? (value.empty() ? 2U : 1U) : 0U);
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    open(Node::Kind::list, mark, tag, anchor, style);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    open(Node::Kind::map, mark, tag, anchor, style);
  }
  void OnMapEnd() override { close(); }

 private:
  Place at(const YAML::Mark& mark, std::size_t length) const {
    const std::size_t size = found_.source().text().size();
    return {std::min(static_cast<std::size_t>(std::max(0, mark.pos)), size), length};
  }

  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor == YAML::NullAnchor) return;
    found_.error("E006", at(mark, 1), "anchors ('&name') are not supported").hint =
        "write the value where it is needed; what repeats can be a parameter under 'params'";
  }

  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    found_.error("E004", at(mark, tag.size()), "YAML reads '" + tag + "' as a tag and drops it")
        .hint = "to negate, write 'not'; a text that starts with '!' needs quotes";
  }

  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            YAML::EmitterStyle::value style) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (static_cast<int>(open_.size()) >= kYamlDepthMax) {
      found_.error("E007", at(mark, 1),
                   "nested deeper than " + std::to_string(kYamlDepthMax) + " levels");
      throw Stop();
    }
    Node node;
    node.kind = kind;
    node.place = at(mark, 1);
    node.flow = style == YAML::EmitterStyle::Flow;
    open_.push_back(std::move(node));
  }

  void close() {
    Node node = std::move(open_.back());
    open_.pop_back();
    if (node.flow) find_cut_expression(node);
    add(std::move(node));
  }

  // `{total: round(a, 2)}` reaches us as {total: "round(a", "2)": null}.
  void find_cut_expression(const Node& node) {
    for (const Node& item : node.items) {
      if (!item.is_scalar() || item.style != Node::Style::plain) continue;
      if (!parentheses_open(item.text)) continue;
      found_
          .error("E005", item.place, "YAML cuts this expression at its comma: '" + item.text + "'")
          .hint = "put the expression on its own line, without {} or []";
      return;
    }
  }

  void add(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Node& parent = open_.back();
    if (parent.is_list()) {
      parent.items.push_back(std::move(node));
    } else if (parent.keys.size() == parent.items.size()) {
      check_key(parent, node);
      parent.keys.push_back(std::move(node));
    } else {
      parent.items.push_back(std::move(node));
    }
  }

  void check_key(const Node& parent, const Node& key) {
    if (parent.keys.size() >= kYamlKeysMax) {
      found_.error("E007", key.place,
                   "a map with more than " + std::to_string(kYamlKeysMax) + " keys");
      throw Stop();
    }
    if (!key.is_scalar()) {
      found_.error("E008", key.place, "a key must be a word, not a list, a map or nothing");
    } else if (key.text == "<<") {
      found_.error("E003", key.place, "merge keys ('<<') are not supported").hint =
          "write the keys out; what repeats can be a parameter under 'params'";
    } else if (const Node* first = parent.find_key(key.text)) {
      const int line = found_.source().position(first->place.offset).line;
      found_
          .error("E002", key.place,
                 "'" + key.text + "' is there twice, first in line " + std::to_string(line))
          .hint = "remove one of the two";
    }
  }

  Diagnostics& found_;
  std::vector<Node> open_;
  std::optional<Node> root_;
};

// The first byte that is not well-formed UTF-8 text, or npos.
std::size_t find_bad_byte(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      if (lead < 0x20 && lead != '\n' && lead != '\r' && lead != '\t') return i;
      ++i;
      continue;
    }
    const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || i + size > text.size()) return i;
    char32_t code = lead & (0xFFU >> (size + 1));
    for (std::size_t k = 1; k < size; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xC0) != 0x80) return i;
      code = code << 6 | (next & 0x3F);
    }
    const bool too_long = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
    if (too_long || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return i;
    i += size;
  }
  return std::string_view::npos;
}

bool check_text(Diagnostics& found) {
  const std::string_view text = found.source().text();
  if (text.starts_with("\xEF\xBB\xBF")) {
    found.error("E007", {0, 3}, "the file starts with a byte order mark").hint =
        "save it as UTF-8 without BOM";
    return false;
  }
  if (const std::size_t bad = find_bad_byte(text); bad != std::string_view::npos) {
    found.error("E007", {bad, 1}, "this byte is not UTF-8 text").hint = "save the file as UTF-8";
    return false;
  }
  if (text.size() > Source::kBytesMax) {
    found.error("E007", {},
                "the file is longer than " + std::to_string(Source::kBytesMax / 1024) + " KiB");
    return false;
  }
  return true;
}

}  // namespace

std::optional<Node> read_yaml(Diagnostics& found) {
  if (!check_text(found)) return std::nullopt;
  const Source& source = found.source();
  TreeBuilder builder(found);
  try {
    std::istringstream in{std::string(source.text())};
    YAML::Parser parser(in);
    if (!parser.HandleNextDocument(builder) || !builder.has_document()) {
      found.error("E001", {0, 0}, "the file is empty").hint = "weir new NAME writes a first job";
      return std::nullopt;
    }
    std::optional<Node> first = builder.take();
    if (parser.HandleNextDocument(builder)) {
      found.error("E009", {source.text().rfind("\n---") + 1, 3},
                  "a file holds one job, but a second document follows");
    }
    return first;
  } catch (const YAML::Exception& e) {
    const std::size_t size = source.text().size();
    const auto offset = std::min(static_cast<std::size_t>(std::max(0, e.mark.pos)), size);
    if (e.msg == "bad file") {
      found.error("E007", {offset, 1}, "nested too deeply");
      return std::nullopt;
    }
    SyntaxAdvice advice = explain_syntax(source, offset, e.msg);
    found.error("E001", {offset, 1}, std::move(advice.text)).hint = std::move(advice.hint);
  } catch (const Stop&) {
    // The finding is already there.
  }
  return std::nullopt;
}

}  // namespace weir::job
