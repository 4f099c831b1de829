// Times of results that wait for their commit, or of every so many of them: what a commit has to
// go through and a record has to pay stays small however many there are.
#pragma once

#include <cstdint>
#include <vector>

#include <weir/app_snapshot.h>
#include <weir/time.h>

namespace weir::engine {

class LatencySample {
 public:
  static constexpr std::size_t kTimesMax = 1000;

  // Whether the next result is one whose times are added: asked for each one.
  bool is_due() { return --until_ == 0; }
  // `event`: its own time. `read`: when that was read which gave it.
  void add(Timestamp event, Timestamp read);

  // They were committed at `now`. Each stands for those that were passed over.
  void committed(Timestamp now, Histogram& since_event, Histogram& since_read);
  // They never were.
  void aborted();

 private:
  struct Times {
    Timestamp event;
    Timestamp read;
  };

  void thin_out();

  std::vector<Times> times_;
  std::uint32_t every_ = 1;
  std::uint32_t until_ = 1;
};

}  // namespace weir::engine
