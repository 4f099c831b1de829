#include "json/skeleton.h"

#include <algorithm>
#include <cstring>

#include "json/text.h"

namespace weir::json {

// One walk along a valid text. Recursive containers are kept in a vector, not on the stack.
class Lesson {
 public:
  Lesson(Skeleton& skeleton, std::string_view text)
      : skeleton_(skeleton),
        text_(text),
        edge_start_(text.data()),
        at_(text.data()),
        node_(skeleton.start()) {}

  void run() {
    for (const char* end = text_.data() + text_.size(); at_ != end;) {
      switch (*at_) {
        case '{':
        case '[':
          open();
          break;
        case '}':
        case ']':
          close();
          break;
        case '"':
          if (expects_key_) {
            key();
          } else {
            scalar(skip_string());
          }
          break;
        case ',':
          ++at_;
          expects_key_ = !open_.back().is_array;
          break;
        case ' ':
        case '\t':
        case '\n':
        case '\r':
        case ':':
          ++at_;
          break;
        default:
          scalar(skip_word());
      }
    }
    finish_edge(nullptr, at_);
  }

 private:
  struct Container {
    std::int32_t number = 0;
    int path = PathTree::kNone;
    bool is_array = false;
  };

  void open() {
    const bool is_array = *at_ == '[';
    Container inner{.number = 0, .path = path_, .is_array = is_array};
    if (open_.empty()) {
      inner.path = 0;
    } else {
      inner.number = skeleton_.container(open_.back().number, *at_, key_);
    }
    const int slot = skeleton_.paths_.slot(inner.path);
    if (slot != PathTree::kNone) {
      add_action(is_array ? ShapeAction::kBeginArray : ShapeAction::kBeginObject, slot, at_);
    }
    open_.push_back(inner);
    path_ = PathTree::kNone;
    key_.clear();
    expects_key_ = !is_array;
    ++at_;
  }

  void close() {
    ++at_;
    const int slot = skeleton_.paths_.slot(open_.back().path);
    if (slot != PathTree::kNone) add_action(ShapeAction::kEnd, slot, at_);
    open_.pop_back();
    path_ = PathTree::kNone;
    key_.clear();
    expects_key_ = false;
  }

  void key() {
    const char* start = at_ + 1;
    at_ = skip_string();
    key_.clear();
    append_unescaped(key_, {start, static_cast<std::size_t>(at_ - 1 - start)});
    expects_key_ = false;
    path_ = skeleton_.paths_.child(open_.back().path, key_);
    if (path_ == PathTree::kNone) return;
    // A repeated key makes void what lay below it; its own slot is filled again anyway.
    for (const int slot : skeleton_.paths_.slots_below(path_)) {
      if (slot != skeleton_.paths_.slot(path_)) add_action(ShapeAction::kForget, slot, at_);
    }
  }

  void scalar(const char* end) {
    ShapeNode* node = skeleton_.node(open_.back().number, key_, skeleton_.paths_.slot(path_));
    finish_edge(node, at_);
    node_ = node;
    at_ = edge_start_ = end;
    path_ = PathTree::kNone;
    if (!open_.back().is_array) key_.clear();
  }

  void finish_edge(ShapeNode* node, const char* end) {
    skeleton_.add_edge(*node_, node, {edge_start_, static_cast<std::size_t>(end - edge_start_)},
                       actions_);
    actions_.clear();
  }

  void add_action(ShapeAction::Kind kind, int slot, const char* where) {
    actions_.push_back({kind, slot, static_cast<std::uint32_t>(where - edge_start_)});
  }

  // Past the closing quote of the string at `at_`.
  const char* skip_string() const {
    const char* at = at_ + 1;
    for (; *at != '"'; ++at) at += *at == '\\' ? 1 : 0;
    return at + 1;
  }

  // Past the number, true, false or null at `at_`.
  const char* skip_word() const {
    const char* at = at_;
    while (std::strchr(",]} \t\r\n", *at) == nullptr) ++at;
    return at;
  }

  Skeleton& skeleton_;
  std::string_view text_;
  const char* edge_start_;
  const char* at_;
  ShapeNode* node_;
  std::vector<Container> open_;
  std::vector<ShapeAction> actions_;
  std::string key_;  // Of the value that comes next; empty in an array.
  int path_ = PathTree::kNone;
  bool expects_key_ = false;
};

Skeleton::Skeleton(const PathTree& paths) : paths_(paths), trap_() {
  // Where it fits, at a byte 1, it takes nothing and leads out: the walk has not come to the end.
  trap_.text[0] = 1;
  trap_.mask = 1;
  clear();
}

void Skeleton::learn(std::string_view text) {
  if (text.size() > kTextMax) return;
  if (edges_.size() >= kEdgesMax || text_bytes_ >= kTextBytesMax) clear();
  Lesson(*this, text).run();
}

void Skeleton::clear() {
  nodes_.clear();
  edges_.clear();
  extras_.clear();
  texts_.clear();
  actions_.clear();
  text_bytes_ = 0;
  containers_.clear();
  scalars_.clear();
  add_node(PathTree::kNone);
}

ShapeNode* Skeleton::add_node(int slot) {
  return &nodes_.emplace_back(ShapeNode{.predicted = &trap_, .first = nullptr, .slot = slot});
}

std::int32_t Skeleton::container(std::int32_t outer, char bracket, std::string_view key) {
  std::string place = std::to_string(outer) + bracket;
  place += key;
  // 0 is the record itself.
  const auto number = static_cast<std::int32_t>(containers_.size() + 1);
  return containers_.try_emplace(std::move(place), number).first->second;
}

ShapeNode* Skeleton::node(std::int32_t container, std::string_view key, int slot) {
  std::string place = std::to_string(container) + ':';
  place += key;
  ShapeNode*& known = scalars_[std::move(place)];
  if (known == nullptr) known = add_node(slot);
  return known;
}

void Skeleton::add_edge(ShapeNode& from, ShapeNode* to, std::string_view text,
                        const std::vector<ShapeAction>& actions) {
  for (const ShapeEdge* edge = from.first; edge != nullptr; edge = edge->other) {
    const char* known = edge->extra != nullptr ? edge->extra->text : edge->text;
    if (std::string_view(known, edge->size) == text) return;
  }
  ShapeEdge& edge = edges_.emplace_back();
  edge.size = static_cast<std::uint32_t>(text.size());
  const std::size_t inside = std::min<std::size_t>(text.size(), kEdgeBytes);
  std::memcpy(edge.text, text.data(), inside);
  edge.mask = inside == kEdgeBytes ? ~0U : (1U << inside) - 1;
  edge.target = to;
  edge.other = from.first;
  from.first = &edge;
  from.predicted = &edge;
  if (text.size() > kEdgeBytes || !actions.empty()) add_extra(edge, text, actions);
}

void Skeleton::add_extra(ShapeEdge& edge, std::string_view text,
                         const std::vector<ShapeAction>& actions) {
  ShapeExtra& extra = extras_.emplace_back();
  extra.text = texts_.emplace_back(text).data();
  extra.actions = actions_.emplace_back(actions).data();
  extra.action_count = static_cast<std::uint32_t>(actions.size());
  text_bytes_ += text.size();
  edge.extra = &extra;
}

}  // namespace weir::json
