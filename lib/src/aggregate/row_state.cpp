#include "aggregate/row_state.h"

#include <array>
#include <utility>

namespace weir {
namespace {

using detail::visit_part;

template <class T>
concept HasNews = requires(const T& held, std::string& out) {
  held.write_news(out);
};

template <class Part, std::size_t... I>
bool emplace_part(Part& part, std::size_t tag, std::index_sequence<I...>) {
  return ((tag == I && (part.template emplace<I>(), true)) || ...);
}

}  // namespace

void RowState::write(std::string& out) const {
  append_varint(out, parts_.size());
  for (const Part& part : parts_) {
    out.push_back(static_cast<char>(part.index()));
    visit_part([&](const auto& held) { held.write(out); }, part);
  }
}

void RowState::write_partial(std::string& out) const {
  append_varint(out, parts_.size());
  for (const Part& part : parts_) {
    out.push_back(static_cast<char>(part.index()));
    visit_part(
        [&](const auto& held) {
          if constexpr (requires { held.write_news(out); }) {
            held.write_news(out);
          } else {
            held.write(out);
          }
        },
        part);
  }
}

void RowState::next_partial() {
  for (Part& part : parts_) {
    visit_part(
        [](auto& held) {
          if constexpr (requires { held.told(); }) {
            held.told();
          } else {
            held.clear();
          }
        },
        part);
  }
}

bool RowState::has_sets() const {
  bool any = false;
  for (const Part& part : parts_) {
    visit_part([&]<class T>(const T&) { any = any || HasNews<T>; }, part);
  }
  return any;
}

void RowState::told() {
  for (Part& part : parts_) {
    visit_part(
        []<class T>(T& held) {
          if constexpr (HasNews<T>) held.told();
        },
        part);
  }
}

bool RowState::read_news(Bytes& in) {
  std::uint64_t size = 0;
  if (!read_varint(in, size) || size != parts_.size()) return false;
  for (Part& part : parts_) {
    if (in.empty() || part.index() != static_cast<unsigned char>(in.front())) return false;
    in.remove_prefix(1);
    const auto take = [&]<class T>(T& held) {
      if constexpr (HasNews<T>) {
        return held.merge_news(in);
      } else {
        return held.read(in);
      }
    };
    if (!visit_part(take, part)) return false;
  }
  return true;
}

bool RowState::read(Bytes& in) {
  std::uint64_t size = 0;
  if (!read_varint(in, size) || size > in.size()) return false;
  parts_.resize(static_cast<std::size_t>(size));
  constexpr auto kTags = std::make_index_sequence<std::variant_size_v<Part>>();
  for (Part& part : parts_) {
    if (in.empty()) return false;
    const auto tag = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    if (part.index() != tag && !emplace_part(part, tag, kTags)) return false;
    if (!visit_part([&](auto& held) { return held.read(in); }, part)) return false;
  }
  return true;
}

void RowState::merge(const RowState& other) {
  if (other.parts_.empty()) return;
  if (parts_.empty()) {
    *this = other;
    return;
  }
  bool same = parts_.size() == other.parts_.size();
  for (std::size_t i = 0; same && i < parts_.size(); ++i) {
    same = parts_[i].index() == other.parts_[i].index();
  }
  if (!same) throw BrokenWorld("the state of an aggregate was written by another plan");
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    visit_part(
        [&]<class T>(T& held) {
          visit_part(
              [&]<class U>(const U& others) {
                if constexpr (std::is_same_v<T, U>) held.merge(others);
              },
              other.parts_[i]);
        },
        parts_[i]);
  }
}

void RowState::clear() {
  for (Part& part : parts_) visit_part([](auto& held) { held.clear(); }, part);
}

std::size_t RowState::memory() const {
  std::size_t bytes = parts_.capacity() * sizeof(Part);
  for (const Part& part : parts_) {
    bytes += visit_part(
        []<class T>(const T& held) {
          const std::size_t boxed = sizeof(T) > sizeof(Part) ? sizeof(T) : 0;
          if constexpr (requires { held.memory(); }) return boxed + held.memory();
          return boxed;
        },
        part);
  }
  return bytes;
}

}  // namespace weir
