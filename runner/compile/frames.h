// Memory of a step for the record it works on.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compile/row.h"
#include "expression/program.h"

namespace weir::compile {

struct Frame {
  expression::Scratch scratch;
  Row row;
  Key key;
};

// A step may be entered again while what it forwards is still on its way: a window that closes may
// send its results through the same steps. Each time has a frame of its own; once the deepest was
// seen, nothing is allocated. Copies start with frames of their own.
class Frames {
 public:
  Frames() = default;
  Frames(const Frames&) {}
  Frames& operator=(const Frames&) { return *this; }

  class Use {
   public:
    explicit Use(Frames& frames) : frames_(frames), frame_(frames.enter()) {}
    ~Use() { --frames_.depth_; }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    Frame& operator*() const { return frame_; }
    Frame* operator->() const { return &frame_; }

   private:
    Frames& frames_;
    Frame& frame_;
  };

 private:
  Frame& enter() {
    if (depth_ == frames_.size()) frames_.push_back(std::make_unique<Frame>());
    Frame& frame = *frames_[depth_++];
    frame.scratch.reset();
    return frame;
  }

  std::vector<std::unique_ptr<Frame>> frames_;
  std::size_t depth_ = 0;
};

// What expressions may ask about a record.
template <class R>
expression::RecordFacts facts_of(const R& record, Timestamp now = 0) {
  expression::RecordFacts facts;
  facts.record_time = record.timestamp;
  facts.now = now;
  facts.headers = record.headers;
  if constexpr (requires { record.value.place; }) {
    facts.arrival_time = record.value.place.arrival;
    facts.topic = record.value.place.topic;
    facts.partition = record.value.place.partition;
    facts.offset = record.value.place.offset;
  }
  return facts;
}

}  // namespace weir::compile
