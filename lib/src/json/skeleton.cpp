#include "json/skeleton.h"

#include <algorithm>
#include <cstring>

#include "json/text.h"

namespace weir::json {

// One walk along a valid text. Recursive containers are kept in a vector, not on the stack.
class Lesson {
 public:
  Lesson(Skeleton& skeleton, std::string_view text)
      : skeleton_(skeleton), text_(text), edge_start_(text.data()), at_(text.data()) {}

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
    finish_edge(kEndNode, at_);
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
    const std::int32_t node =
        skeleton_.node(open_.back().number, key_, skeleton_.paths_.slot(path_));
    finish_edge(node, at_);
    node_ = node;
    at_ = edge_start_ = end;
    path_ = PathTree::kNone;
    if (!open_.back().is_array) key_.clear();
  }

  void finish_edge(std::int32_t node, const char* end) {
    skeleton_.add_edge(node_, node, {edge_start_, static_cast<std::size_t>(end - edge_start_)},
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
  std::int32_t node_ = kStartNode;
  std::vector<Container> open_;
  std::vector<ShapeAction> actions_;
  std::string key_;  // Of the value that comes next; empty in an array.
  int path_ = PathTree::kNone;
  bool expects_key_ = false;
};

Skeleton::Skeleton(const PathTree& paths) : paths_(paths) { clear(); }

void Skeleton::learn(std::string_view text) {
  if (text.size() > kTextMax) return;
  if (edges_.size() >= kEdgesMax || long_bytes_ >= kLongBytesMax) clear();
  Lesson(*this, text).run();
}

void Skeleton::clear() {
  nodes_.assign(3, ShapeNode{});
  edges_.assign(1, ShapeEdge{});
  edges_[kTrapEdge].mask = 1;
  edges_[kTrapEdge].size = 1;
  actions_.clear();
  long_texts_.clear();
  long_bytes_ = 0;
  places_.clear();
  container_count_ = 0;
}

std::int32_t& Skeleton::place(std::int32_t container, char kind, std::string_view key) {
  std::string name = std::to_string(container) + kind;
  name += key;
  return places_.try_emplace(std::move(name), kUnknown).first->second;
}

std::int32_t Skeleton::container(std::int32_t outer, char bracket, std::string_view key) {
  std::int32_t& known = place(outer, bracket, key);
  if (known == kUnknown) known = ++container_count_;
  return known;
}

std::int32_t Skeleton::node(std::int32_t container, std::string_view key, int slot) {
  std::int32_t& known = place(container, '"', key);
  if (known == kUnknown) {
    known = static_cast<std::int32_t>(nodes_.size());
    nodes_.push_back({.predicted = kTrapEdge, .first = kTrapEdge, .slot = slot});
  }
  return known;
}

void Skeleton::add_edge(std::int32_t from, std::int32_t to, std::string_view text,
                        const std::vector<ShapeAction>& actions) {
  ShapeNode& node = nodes_[static_cast<std::size_t>(from)];
  for (std::int32_t i = node.first; i != kTrapEdge;) {
    const ShapeEdge& edge = edges_[static_cast<std::size_t>(i)];
    const char* known = edge.whole != nullptr ? edge.whole : edge.text;
    if (std::string_view(known, edge.size) == text) return;
    i = edge.other;
  }
  ShapeEdge edge;
  edge.size = static_cast<std::uint32_t>(text.size());
  const std::size_t inside = std::min<std::size_t>(text.size(), kEdgeBytes);
  std::memcpy(edge.text, text.data(), inside);
  edge.mask = inside == kEdgeBytes ? ~0U : (1U << inside) - 1;
  if (text.size() > kEdgeBytes) {
    edge.whole = long_texts_.emplace_back(text).data();
    long_bytes_ += text.size();
  }
  edge.target = to;
  edge.other = node.first;
  edge.first_action = static_cast<std::int32_t>(actions_.size());
  edge.action_count = static_cast<std::int32_t>(actions.size());
  actions_.insert(actions_.end(), actions.begin(), actions.end());
  node.first = static_cast<std::int32_t>(edges_.size());
  node.predicted = node.first;
  edges_.push_back(edge);
}

}  // namespace weir::json
