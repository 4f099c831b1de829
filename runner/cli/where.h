// A condition on JSON records whose fields nobody declared.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "expression/program.h"
#include <weir/error.h>
#include <weir/json_reader.h>

namespace weir::cli {

class Where {
 public:
  static Result<std::unique_ptr<Where>> make(const std::string& text);

  // False for what is no JSON object and for what the expression cannot judge.
  bool holds(std::string_view json);

 private:
  Where() = default;

  expression::Schema schema_;
  expression::Program program_;
  std::unique_ptr<JsonReader> reader_;
  expression::Scratch scratch_;
};

}  // namespace weir::cli
