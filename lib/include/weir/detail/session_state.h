// The state of sessions: for each key the spans of records at most `gap` apart, and the closing of
// those in the order of their ends.
//
// A closed session is final: a record that comes within its gap later begins a session of its own,
// so that what is emitted does not depend on how long the closed one is still remembered.
//
// Rows: detail/layout.h. Their count is nearly always 1: two sessions of a key are more than a gap
// apart unless the older was closed for the partition that began the younger.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <weir/detail/agenda.h>
#include <weir/detail/layout.h>
#include <weir/detail/stage_time.h>
#include <weir/detail/timed_table.h>
#include <weir/detail/window_state.h>
#include <weir/serde.h>
#include <weir/windows.h>

namespace weir::detail {

template <class A>
struct SessionSpan {
  Window window;  // First and last event time.
  A value{};
};

// The sessions of a key whose ends fall into one bucket, oldest first. One lies in place.
template <class A>
class SessionEntry {
 public:
  std::size_t size() const { return count_; }
  SessionSpan<A>& operator[](std::size_t at) { return at == 0 ? first_ : more_[at - 1]; }
  const SessionSpan<A>& operator[](std::size_t at) const {
    return at == 0 ? first_ : more_[at - 1];
  }

  // The place of the added session.
  SessionSpan<A>& add(SessionSpan<A> session) {
    std::size_t at = count_++;
    if (at > 0) more_.emplace_back();
    for (; at > 0 && session.window < (*this)[at - 1].window; --at) {
      (*this)[at] = std::move((*this)[at - 1]);
    }
    (*this)[at] = std::move(session);
    return (*this)[at];
  }
  SessionSpan<A> take(std::size_t at) {
    SessionSpan<A> taken = std::move((*this)[at]);
    for (; at + 1 < count_; ++at) (*this)[at] = std::move((*this)[at + 1]);
    if (--count_ > 0) more_.pop_back();
    return taken;
  }

  void write(std::string& out) const {
    append_varint(out, count_);
    for (std::size_t at = 0; at < count_; ++at) {
      const SessionSpan<A>& session = (*this)[at];
      append_zigzag(out, session.window.end);
      append_varint(out, static_cast<std::uint64_t>(session.window.end - session.window.start));
      StateSerde<A>::write(session.value, out);
    }
  }
  bool read(std::string_view& in) {
    std::uint64_t count = 0;
    if (!read_varint(in, count) || count > in.size()) return false;
    for (std::uint64_t at = 0; at < count; ++at) {
      SessionSpan<A> session;
      std::uint64_t length = 0;
      if (!read_zigzag(in, session.window.end) || !read_varint(in, length)) return false;
      if (__builtin_sub_overflow(session.window.end, length, &session.window.start)) return false;
      if (!StateSerde<A>::read(in, session.value)) return false;
      add(std::move(session));
    }
    return true;
  }
  std::size_t memory() const {
    std::size_t all = more_.capacity() * sizeof(SessionSpan<A>);
    for (std::size_t at = 0; at < count_; ++at) all += memory_of((*this)[at].value);
    return all;
  }

 private:
  std::size_t count_ = 0;
  SessionSpan<A> first_;
  std::vector<SessionSpan<A>> more_;
};

template <class K, class A>
class SessionState {
 public:
  using Span = SessionSpan<A>;

  SessionState(const Session& windows, A initial)
      : gap_ms_(std::max<std::int64_t>(1, windows.gap.count())),
        wait_ms_(gap_ms_ + windows.grace.count()),
        initial_(std::move(initial)),
        adds_nothing_(is_neutral(initial_)),  // Then it need not be merged in with each record.
        table_(Duration{gap_ms_ + 1}),
        agenda_(Duration{gap_ms_ + 1}) {}

  void open(BytesStore& store) {
    time_.open(store);
    table_.open(store);
    resume();
  }
  Timestamp now() const { return time_.now(); }
  // How far behind stage time the result of a session may still be.
  std::int64_t wait_ms() const { return wait_ms_; }

  // Joins a record of `key` with the sessions it touches: `gone(window)` for each of them that is
  // replaced by another window, `add(value)` to add the record. Returns the session, valid until
  // the next call, or null: neither the record nor a session that it touches is open. `observed` as
  // in Record.
  template <class Gone, class Add>
  const Span* add(const K& key, Timestamp time, Timestamp observed, Gone gone, Add add) {
    const Timestamp now = std::max(observed, time_.now());
    key_.clear();
    KeySerde<K>::write(key, key_);
    take_touched(time, now);
    if (taken_.empty() && is_closed(time, now)) return nullptr;
    Span session{{time, time}, initial_};
    for (const Span& span : taken_) {
      session.window.start = std::min(session.window.start, span.window.start);
      session.window.end = std::max(session.window.end, span.window.end);
    }
    if (session.window != Window{time, time}) {
      for (const Span& span : taken_) gone(span.window);
    }
    merge_taken(session.value);
    add(session.value);
    if (taken_.empty()) agenda_.enter(session.window.end, key_);
    const Timestamp bucket = table_.bucket_of(session.window.end);
    return &table_.at(bucket, key_).add(std::move(session));
  }

  // Time has advanced: calls `emit(key, value)` for each session that is closed now, by end and
  // key.
  template <class F>
  void advance(Timestamp now, F emit) {
    if (!time_.advance(now)) return;
    while (is_closed(agenda_.next(), now)) {
      const Agenda::Item item = agenda_.take();
      close(item, emit);
    }
    while (!table_.empty() && is_closed(later(table_.first_bucket(), table_.width_ms() - 1), now)) {
      table_.drop(table_.first_bucket());
    }
  }

  void write_back() {
    time_.write_back();
    table_.write_back();
  }
  void forget() {
    time_.forget();
    table_.forget();
    resume();
  }
  void shrink(std::size_t bytes_max) { table_.shrink(bytes_max); }
  std::uint64_t open_windows() const { return agenda_.size(); }

 private:
  using Entry = SessionEntry<A>;

  bool is_closed(Timestamp end, Timestamp now) const {
    return now != kNoTime && later(end, wait_ms_) < now;
  }
  // The agenda knows each session by an end that it had once.
  void resume() {
    agenda_.clear();
    for (Timestamp at = table_.first_bucket(); at != kEndOfTime; at = table_.next_bucket(at + 1)) {
      table_.each(at, [&](std::string_view key, const Entry& entry) {
        for (std::size_t i = 0; i < entry.size(); ++i) agenda_.enter(entry[i].window.end, key);
      });
    }
  }

  // Moves the open sessions at most `gap` away from `time` out of the table, oldest first.
  void take_touched(Timestamp time, Timestamp now) {
    taken_.clear();
    const Timestamp from = later(time, -gap_ms_);
    const Timestamp until = later(time, gap_ms_);
    for (Timestamp at = table_.next_bucket(table_.bucket_of(from)); at != kEndOfTime;
         at = table_.next_bucket(at + 1)) {
      const Entry* found = table_.find(at, key_);
      if (found == nullptr || found->size() == 0) continue;
      if ((*found)[0].window.start > until) return;
      if ((*found)[found->size() - 1].window.end < from) continue;
      Entry& entry = table_.at(at, key_);
      for (std::size_t i = 0; i < entry.size();) {
        const Window& window = entry[i].window;
        const bool touches = window.end >= from && window.start <= until;
        if (touches && !is_closed(window.end, now)) {
          taken_.push_back(entry.take(i));
        } else {
          ++i;
        }
      }
      // A session that only grows stays in its bucket most of the time.
      const bool returns = at == table_.bucket_of(std::max(time, taken_end()));
      if (entry.size() == 0 && !returns) table_.erase(at, key_);
    }
  }
  Timestamp taken_end() const { return taken_.empty() ? kNoTime : taken_.back().window.end; }

  void merge_taken(A& value) {
    std::size_t from = 0;
    if (adds_nothing_ && !taken_.empty()) value = std::move(taken_[from++].value);
    for (; from < taken_.size(); ++from) value.merge(taken_[from].value);
  }

  // The session that ended at `item.time` when the item was entered has either grown, then it is
  // due later, or it ends there still.
  template <class F>
  void close(const Agenda::Item& item, F& emit) {
    for (Timestamp at = table_.next_bucket(table_.bucket_of(item.time)); at != kEndOfTime;
         at = table_.next_bucket(at + 1)) {
      const Entry* found = table_.find(at, item.key);
      if (found == nullptr) continue;
      for (std::size_t i = 0; i < found->size(); ++i) {
        const Timestamp end = (*found)[i].window.end;
        if (end < item.time) continue;
        if (end > item.time) return agenda_.enter(end, item.key);
        Entry& entry = table_.at(at, item.key);
        const Span closed = entry.take(i);
        if (entry.size() == 0) table_.erase(at, item.key);
        check_stored(KeySerde<K>::read(item.key, windowed_.key), "a session's key");
        windowed_.window = closed.window;
        emit(static_cast<const Windowed<K>&>(windowed_), closed.value);
        return;
      }
    }
  }

  const std::int64_t gap_ms_;
  const std::int64_t wait_ms_;
  const A initial_;
  const bool adds_nothing_;
  TimedTable<Entry> table_;
  StageTime time_;
  Agenda agenda_;
  std::vector<Span> taken_;  // Scratch.
  std::string key_;
  Windowed<K> windowed_;
};

}  // namespace weir::detail
