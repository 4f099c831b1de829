#include <algorithm>

#include "expression/arithmetic.h"
#include "expression/program.h"
#include "expression/text_form.h"
#include <weir/time_format.h>

namespace weir::expression {

namespace {

constexpr std::size_t kShownMax = 60;  // Of the expression in a message.

bool holds(Relation relation, int order) {
  switch (relation) {
    case Relation::equal:
      return order == 0;
    case Relation::unequal:
      return order != 0;
    case Relation::less:
      return order < 0;
    case Relation::less_equal:
      return order <= 0;
    case Relation::greater:
      return order > 0;
    case Relation::greater_equal:
      return order >= 0;
  }
  return false;
}

bool is_false(const JsonValue& value) { return !value.is_null() && !value.as_bool(); }
bool is_true(const JsonValue& value) { return !value.is_null() && value.as_bool(); }

// Three-valued: null is "not known".
JsonValue both(const JsonValue& a, const JsonValue& b) {
  if (is_false(a) || is_false(b)) return JsonValue::boolean(false);
  return a.is_null() || b.is_null() ? JsonValue::null() : JsonValue::boolean(true);
}
JsonValue either(const JsonValue& a, const JsonValue& b) {
  if (is_true(a) || is_true(b)) return JsonValue::boolean(true);
  return a.is_null() || b.is_null() ? JsonValue::null() : JsonValue::boolean(false);
}

}  // namespace

// One evaluation: the stack and where it stands.
class Program::Run {
 public:
  Run(const Program& program, std::span<const JsonValue> row, const RecordFacts& facts,
      Scratch& scratch)
      : p_(program), row_(row), scratch_(scratch), frame_{scratch.arena_, facts} {
    if (scratch.stack_.size() < p_.stack_max_) scratch.stack_.resize(p_.stack_max_);
    if (p_.rescues_max_ > 0) {
      scratch.rescues_.clear();
      scratch.rescues_.reserve(p_.rescues_max_);
    }
    stack_ = scratch.stack_.data();
  }

  Outcome run() {
    const Instruction* const code = p_.code_.data();
    const std::size_t end = p_.code_.size();
    while (at_ < end) {
      const Instruction& i = code[at_];
      if (quick(i)) continue;
      if (step(i)) {
        ++at_;
      } else if (!frame_.error.empty()) {
        if (p_.rescues_max_ == 0 || scratch_.rescues_.empty())
          return {JsonValue::null(), message()};
        const Scratch::Rescue rescue = scratch_.rescues_.back();
        scratch_.rescues_.pop_back();
        frame_.error = {};
        depth_ = rescue.depth;
        at_ = static_cast<std::size_t>(rescue.to);
      }
    }
    return {stack_[0], {}};
  }

 private:
  JsonValue& top(std::size_t below = 0) { return stack_[depth_ - 1 - below]; }

  // What most conditions consist of, and cannot fail. False: nothing was done.
  bool quick(const Instruction& i) {
    switch (i.op) {
      case Op::constant:
        stack_[depth_++] = p_.constants_[static_cast<std::size_t>(i.arg)];
        break;
      case Op::slot:
        stack_[depth_++] = row_[static_cast<std::size_t>(i.arg)];
        break;
      case Op::jump_if_true:
        if (is_true(top())) return at_ = static_cast<std::size_t>(i.arg), true;
        break;
      case Op::jump_if_value:
        if (!top().is_null()) return at_ = static_cast<std::size_t>(i.arg), true;
        --depth_;
        break;
      case Op::compare:
        return compared_texts(static_cast<Relation>(i.detail));
      default:
        return false;
    }
    ++at_;
    return true;
  }

  bool compared_texts(Relation relation) {
    const JsonValue& left = top(1);
    const JsonValue& right = top();
    const bool texts = left.kind() == JsonValue::Kind::kString &&
                       right.kind() == JsonValue::Kind::kString && relation <= Relation::unequal;
    if (!texts) return false;
    joined(JsonValue::boolean((left.text() == right.text()) == (relation == Relation::equal)));
    ++at_;
    return true;
  }

  // False: at_ was set by a jump, or there is an error.
  bool jump(const Instruction& i) {
    at_ = static_cast<std::size_t>(i.arg);
    return false;
  }

  bool step(const Instruction& i) {
    switch (i.op) {
      case Op::add:
        return binary(expression::add);
      case Op::subtract:
        return binary(expression::subtract);
      case Op::multiply:
        return binary(expression::multiply);
      case Op::divide:
        return binary(expression::divide);
      case Op::divide_duration:
        return binary(expression::divide_duration);
      case Op::remainder:
        return binary(expression::remainder);
      case Op::negate:
        return top().is_null() || pass(expression::negate(JsonValue(top()), top()));
      case Op::compare:
        return compared(static_cast<Relation>(i.detail));
      case Op::like:
        return like(i.detail != 0);
      case Op::is_null:
        top() = JsonValue::boolean(top().is_null() != (i.detail != 0));
        return true;
      case Op::invert:
        if (!top().is_null()) top() = JsonValue::boolean(!top().as_bool());
        return true;
      case Op::both:
        return joined(expression::both(top(1), top()));
      case Op::either:
        return joined(expression::either(top(1), top()));
      case Op::convert:
        return converted(i);
      case Op::call:
        return call(i);
      default:
        return control(i);
    }
  }

  bool control(const Instruction& i) {
    switch (i.op) {
      case Op::in_start:
        stack_[depth_++] = JsonValue::boolean(false);
        return true;
      case Op::in_test:
        return in_test();
      case Op::in_end:
        return in_end(i.detail != 0);
      case Op::jump:
        return jump(i);
      case Op::jump_if_false:
        return !is_false(top()) || jump(i);
      case Op::jump_unless:
        --depth_;
        return is_true(stack_[depth_]) || jump(i);
      case Op::try_start:
        scratch_.rescues_.push_back({i.arg, depth_});
        return true;
      case Op::try_end:
        scratch_.rescues_.pop_back();
        return jump(i);
      default:
        return true;
    }
  }

  bool pass(Failure failure) { return failure == nullptr || frame_.fail(failure); }

  bool joined(JsonValue value) {
    --depth_;
    top() = value;
    return true;
  }

  bool binary(Failure (*operation)(const JsonValue&, const JsonValue&, JsonValue&)) {
    if (top(1).is_null() || top().is_null()) return joined(JsonValue::null());
    JsonValue out;
    if (!pass(operation(top(1), top(), out))) return false;
    return joined(out);
  }

  bool compared(Relation relation) {
    if (top(1).is_null() || top().is_null()) return joined(JsonValue::null());
    int order = 0;
    if (expression::compare(top(1), top(), order)) {
      return joined(JsonValue::boolean(holds(relation, order)));
    }
    // Values of different kinds are never equal, but have no order either.
    if (relation == Relation::equal || relation == Relation::unequal) {
      return joined(JsonValue::boolean(relation == Relation::unequal));
    }
    return frame_.fail("values of different kinds have no order");
  }

  bool like(bool negated) {
    if (top(1).is_null() || top().is_null()) return joined(JsonValue::null());
    JsonValue out;
    body::like(frame_, {&top(1), 2}, out);
    return joined(JsonValue::boolean(out.as_bool() != negated));
  }

  // Below the candidate: whether it was found, null once a null was among the candidates.
  bool in_test() {
    JsonValue& found = top(1);
    const JsonValue& value = top(2);
    int order = 0;
    if (value.is_null() || top().is_null()) {
      if (!is_true(found)) found = JsonValue::null();
    } else if (expression::compare(value, top(), order) && order == 0) {
      found = JsonValue::boolean(true);
    }
    --depth_;
    return true;
  }

  bool in_end(bool negated) {
    JsonValue found = top();
    if (negated && !found.is_null()) found = JsonValue::boolean(!found.as_bool());
    return joined(found);
  }

  bool call(const Instruction& i) {
    const Function& f = functions()[static_cast<std::size_t>(i.arg)];
    depth_ -= i.count;
    const std::span<const JsonValue> args(stack_ + depth_, i.count);
    JsonValue out;
    const bool null = f.strict && std::any_of(args.begin(), args.end(),
                                              [](const JsonValue& arg) { return arg.is_null(); });
    frame_.places = i.places;
    if (!null && !f.body(frame_, args, out)) return false;
    stack_[depth_++] = out;
    return true;
  }

  bool converted(const Instruction& i);
  std::string_view message();

  const Program& p_;
  std::span<const JsonValue> row_;
  Scratch& scratch_;
  CallFrame frame_;
  JsonValue* stack_;
  std::size_t depth_ = 0;
  std::size_t at_ = 0;
};

// What is `any` becomes the kind that is needed, or is an error of this record.
bool Program::Run::converted(const Instruction& i) {
  const JsonValue x = top();
  if (x.is_null()) return true;
  const auto kind = static_cast<Kind>(i.detail);
  const auto is = [&](JsonValue::Kind wanted) { return x.kind() == wanted; };
  switch (kind) {
    case Kind::boolean:
      return is(JsonValue::Kind::kBool) || frame_.fail("is neither true nor false");
    case Kind::text:
      return is(JsonValue::Kind::kString) || frame_.fail("is no string");
    case Kind::date:
      return is(JsonValue::Kind::kString) || frame_.fail("is no date");
    case Kind::integer:
      return is_number(x) ? body::to_int(frame_, {&x, 1}, top()) : frame_.fail("is no int");
    case Kind::real:
      if (!is_number(x)) return frame_.fail("is no number");
      top() = JsonValue::real(to_double(x));
      return true;
    case Kind::decimal:
      return is_number(x) ? pass(to_decimal(x, i.places, top())) : frame_.fail("is no number");
    case Kind::time:
      return body::to_time(frame_, {&x, 1}, top());
    case Kind::list:
    case Kind::map:
      return is(JsonValue::Kind::kRaw) || frame_.fail("is neither a list nor a map");
    default:
      return true;
  }
}

// "overflow in 'amount * 2'". Without room for that, the error alone.
std::string_view Program::Run::message() {
  const Span span = p_.spans_[at_];
  std::string_view shown = std::string_view(p_.source_).substr(span.first, span.last - span.first);
  shown = shown.substr(0, kShownMax);
  const std::size_t bytes = frame_.error.size() + shown.size() + 6;
  char* const start = scratch_.arena_.allocate(bytes);
  if (start == nullptr || shown.empty()) return frame_.error;
  char* end = std::copy(frame_.error.begin(), frame_.error.end(), start);
  for (const char c : std::string_view(" in '")) *end++ = c;
  end = std::copy(shown.begin(), shown.end(), end);
  *end++ = '\'';
  return {start, bytes};
}

Outcome Program::run(std::span<const JsonValue> row, const RecordFacts& facts,
                     Scratch& scratch) const {
  return Run(*this, row, facts, scratch).run();
}

}  // namespace weir::expression
