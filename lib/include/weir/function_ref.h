// A borrowed callable: two words, no allocation, one indirect call.
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace weir {

template <class Signature>
class FunctionRef;

// For parameters only: it does not own what it calls, so it must not outlive the call it was passed
// to. Binds to anything that can be called with `Args`, lambdas written in place included.
//
//   void scan(Bytes from, Bytes to, FunctionRef<bool(Bytes key, Bytes value)> visit);
//   store.scan(from, to, [&](Bytes key, Bytes value) { return ++seen < limit; });
template <class R, class... Args>
class FunctionRef<R(Args...)> {
 public:
  template <class F>
  requires(!std::same_as<std::remove_cvref_t<F>, FunctionRef> &&
           std::is_object_v<std::remove_reference_t<F>> &&
           std::is_invocable_r_v<R, std::remove_reference_t<F>&, Args...>) FunctionRef(F&& callable)
      : callable_(const_cast<void*>(static_cast<const void*>(std::addressof(callable)))),
        call_([](void* target, Args... args) -> R {
          auto& f = *static_cast<std::remove_reference_t<F>*>(target);
          if constexpr (std::is_void_v<R>) {
            std::invoke(f, std::forward<Args>(args)...);
          } else {
            return std::invoke(f, std::forward<Args>(args)...);
          }
        }) {}

  R operator()(Args... args) const { return call_(callable_, std::forward<Args>(args)...); }

 private:
  void* callable_;
  R (*call_)(void*, Args...);
};

}  // namespace weir
