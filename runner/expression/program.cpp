#include "expression/program.h"

#include <algorithm>

namespace weir::expression {

// Writes the instructions of a tree in the order they run.
class Emitter {
 public:
  explicit Emitter(Program& program) : p_(program) {}

  void emit(const Expr& e) {
    switch (e.form) {
      case Form::literal:
        constant(e);
        return;
      case Form::field:
        p_.slots_.push_back(e.slot);
        push({Op::slot, 0, 0, 0, e.slot}, e, 1);
        return;
      case Form::call:
        call(e);
        return;
      case Form::both:
        chain(e, Op::jump_if_false, Op::both);
        return;
      case Form::either:
        chain(e, Op::jump_if_true, Op::either);
        return;
      case Form::in:
        membership(e);
        return;
      case Form::between:
        range(e);
        return;
      case Form::coalesce:
        first_value(e);
        return;
      case Form::choice:
        choice(e);
        return;
      default:
        operation(e);
        return;
    }
  }

 private:
  // `growth`: by how much the stack is higher afterwards.
  std::size_t push(Instruction instruction, const Expr& e, int growth) {
    depth_ += growth;
    p_.stack_max_ = std::max(p_.stack_max_, static_cast<std::size_t>(depth_));
    p_.code_.push_back(instruction);
    p_.spans_.push_back(e.span);
    return p_.code_.size() - 1;
  }
  void land(std::size_t jump) { p_.code_[jump].arg = static_cast<std::int32_t>(p_.code_.size()); }

  void constant(const Expr& e) {
    JsonValue value = e.value;
    if (value.kind() == JsonValue::Kind::kString) {
      p_.texts_.push_back(std::make_unique<std::string>(e.name));
      value = JsonValue::string(*p_.texts_.back());
    }
    p_.constants_.push_back(value);
    push({Op::constant, 0, 0, 0, static_cast<std::int32_t>(p_.constants_.size() - 1)}, e, 1);
  }

  void operation(const Expr& e) {
    for (const ExprPtr& part : e.parts) emit(*part);
    const int growth = 1 - static_cast<int>(e.parts.size());
    Instruction made{op_of(e)};
    made.detail = e.negated ? 1 : 0;
    if (e.form == Form::compare) made.detail = static_cast<std::uint8_t>(e.relation);
    if (e.form == Form::convert) {
      made.detail = static_cast<std::uint8_t>(e.type.kind);
      made.places = e.type.places;
    }
    push(made, e, growth);
  }

  static Op op_of(const Expr& e) {
    switch (e.form) {
      case Form::negative:
        return Op::negate;
      case Form::negation:
        return Op::invert;
      case Form::sum:
        return Op::add;
      case Form::difference:
        return Op::subtract;
      case Form::product:
        return Op::multiply;
      case Form::quotient:
        return e.type.is(Kind::duration) ? Op::divide_duration : Op::divide;
      case Form::remainder:
        return Op::remainder;
      case Form::compare:
        return Op::compare;
      case Form::is_null:
        return Op::is_null;
      case Form::like:
        return Op::like;
      default:
        return Op::convert;
    }
  }

  void chain(const Expr& e, Op decides, Op joins) {
    std::vector<std::size_t> jumps;
    emit(*e.parts[0]);
    for (std::size_t i = 1; i < e.parts.size(); ++i) {
      jumps.push_back(push({decides}, *e.parts[i - 1], 0));
      emit(*e.parts[i]);
      push({joins}, e, -1);
    }
    for (const std::size_t jump : jumps) land(jump);
  }

  void membership(const Expr& e) {
    emit(*e.parts[0]);
    push({Op::in_start}, e, 1);
    for (std::size_t i = 1; i < e.parts.size(); ++i) {
      emit(*e.parts[i]);
      push({Op::in_test}, *e.parts[i], -1);
    }
    push({Op::in_end, static_cast<std::uint8_t>(e.negated ? 1 : 0)}, e, -1);
  }

  // a between b and c is a >= b and a <= c; `a` has no effects, so it may be computed twice.
  void range(const Expr& e) {
    emit(*e.parts[0]);
    emit(*e.parts[1]);
    push({Op::compare, static_cast<std::uint8_t>(Relation::greater_equal)}, e, -1);
    const std::size_t jump = push({Op::jump_if_false}, e, 0);
    emit(*e.parts[0]);
    emit(*e.parts[2]);
    push({Op::compare, static_cast<std::uint8_t>(Relation::less_equal)}, e, -1);
    push({Op::both}, e, -1);
    land(jump);
    if (e.negated) push({Op::invert}, e, 0);
  }

  void first_value(const Expr& e) {
    std::vector<std::size_t> jumps;
    for (std::size_t i = 0; i < e.parts.size(); ++i) {
      emit(*e.parts[i]);
      if (i + 1 < e.parts.size()) jumps.push_back(push({Op::jump_if_value}, e, -1));
    }
    for (const std::size_t jump : jumps) land(jump);
  }

  void choice(const Expr& e) {
    std::vector<std::size_t> ends;
    for (std::size_t i = 0; i + 1 < e.parts.size(); i += 2) {
      emit(*e.parts[i]);
      const std::size_t next = push({Op::jump_unless}, *e.parts[i], -1);
      emit(*e.parts[i + 1]);
      ends.push_back(push({Op::jump}, e, -1));
      land(next);
    }
    if (e.parts.size() % 2 == 1) {
      emit(*e.parts.back());
    } else {
      p_.constants_.push_back(JsonValue::null());
      push({Op::constant, 0, 0, 0, static_cast<std::int32_t>(p_.constants_.size() - 1)}, e, 1);
    }
    for (const std::size_t jump : ends) land(jump);
  }

  void call(const Expr& e) {
    const Function* const f = find_function(e.name);
    if (f->name == "coalesce") return first_value(e);
    if (f->name == "if") return choice(e);
    if (f->name == "try") return attempt(e);
    for (const ExprPtr& part : e.parts) emit(*part);
    Instruction made{Op::call};
    made.places = e.type.places;
    made.count = static_cast<std::uint8_t>(e.parts.size());
    made.arg = static_cast<std::int32_t>(f - functions().data());
    push(made, e, 1 - static_cast<int>(e.parts.size()));
  }

  void attempt(const Expr& e) {
    const std::size_t start = push({Op::try_start}, e, 0);
    p_.rescues_max_ = std::max(p_.rescues_max_, ++attempts_);
    emit(*e.parts[0]);
    --attempts_;
    const std::size_t end = push({Op::try_end}, e, -1);
    land(start);
    emit(*e.parts[1]);
    land(end);
  }

  Program& p_;
  int depth_ = 0;
  std::size_t attempts_ = 0;
};

Program::Program(const Expr& root, std::string_view source) : source_(source), type_(root.type) {
  Emitter(*this).emit(root);
  std::sort(slots_.begin(), slots_.end());
  slots_.erase(std::unique(slots_.begin(), slots_.end()), slots_.end());
  if (code_.size() == 1 && code_[0].op == Op::slot) single_slot_ = code_[0].arg;
}

Result<Program> compile(std::string_view text, const Scope& scope) {
  Fault fault;
  std::vector<Fault> warnings;
  ExprPtr root = parse(text, fault);
  if (!root || !check(root, scope, fault, warnings)) {
    return Error{fault.text, fault.hint, fault.span.first};
  }
  return Program(*root, text);
}

}  // namespace weir::expression
