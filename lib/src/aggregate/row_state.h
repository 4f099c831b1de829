// Visiting the parts of a row's state, boxed or not.
#pragma once

#include <utility>
#include <variant>

#include <weir/row_aggregate.h>

namespace weir::detail {

template <class T>
concept IsBox = requires(T& box) {
  *box;
};

// Calls `visit` with the accumulator itself.
template <class Visit, class Part>
decltype(auto) visit_part(Visit&& visit, Part& part) {
  return std::visit(
      [&](auto& held) -> decltype(auto) {
        if constexpr (IsBox<decltype(held)>) {
          return visit(*held);
        } else {
          return visit(held);
        }
      },
      part);
}

}  // namespace weir::detail
