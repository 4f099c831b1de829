// An input port of a stage with more than one of them.
#pragma once

#include <weir/stage.h>

namespace weir::detail {

// Passes records on to a member function of the stage that owns it, which lives where it is.
template <class R, class S, void (S::*receive_at)(const R&)>
class Port final : public Receiver<R> {
 public:
  explicit Port(S& stage) : stage_(stage) {}
  void receive(const R& record) override { (stage_.*receive_at)(record); }

 private:
  S& stage_;
};

}  // namespace weir::detail
