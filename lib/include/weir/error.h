// Errors are values. Four kinds, four answers: a programmer's mistake ends the process (`check`), a
// bad job is an Error with a place and a hint, a bad record becomes a dead letter, and a broken
// world (disk, broker) is a BrokenWorld exception that ends the task, never the process.
#pragma once

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace weir {

// What went wrong, and what to do about it. `position` is the byte of the input where it was seen.
struct Error {
  static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

  std::string text;
  std::string hint{};
  std::size_t position = kNowhere;

  // "text (hint)", with the position when there is one.
  std::string to_string() const;
  bool operator==(const Error&) const = default;
};

// A value or an Error. Test it before use: `*result` on an error aborts.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

// Success or an Error: `if (Status s = parse(x); !s) return s.error();`
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::make_unique<Error>(std::move(error))) {}
  Status(const Status& other)
      : error_(other.error_ ? std::make_unique<Error>(*other.error_) : nullptr) {}
  Status(Status&&) noexcept = default;
  Status& operator=(const Status& other) { return *this = Status(other); }
  Status& operator=(Status&&) noexcept = default;
  ~Status() = default;

  explicit operator bool() const { return error_ == nullptr; }
  const Error& error() const { return *error_; }

 private:
  std::unique_ptr<Error> error_;  // Every record hands on a success: it is one word.
};

// The disk, the broker or the clock did what no retry inside a task can mend.
class BrokenWorld : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Ends the process when `ok` is false: a mistake in the program, not in its input. On in Release.
void check(bool ok, std::string_view what, const char* file = __builtin_FILE(),
           unsigned line = __builtin_LINE());

}  // namespace weir
