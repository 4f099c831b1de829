#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/exit_code.h"
#include "cli/help.h"
#include "generate/language.h"
#include "job/job_schema.h"
#include "test/test_language.h"
#include <weir/version.h>

namespace weir::cli {

int schema(const Call& call, Terminal& terminal) {
  const std::string which = call.operands().empty() ? "job" : call.operands().front();
  if (which == "job") return terminal.print(job::job_schema()), kGood;
  if (which == "test") return terminal.print(test::test_schema()), kGood;
  if (which == "generate") return terminal.print(generate::generator_schema()), kGood;
  terminal.complain("weir schema: there is none of '" + which + "', only of: job, test, generate");
  return kUsage;
}

int completion(const Call& call, Terminal& terminal) {
  const std::string& shell = call.operands().front();
  if (shell != "bash" && shell != "zsh" && shell != "fish") {
    terminal.complain("weir completion: '" + shell + "' is none of bash, zsh, fish");
    return kUsage;
  }
  terminal.print(completion_script(shell));
  return kGood;
}

int version(const Call& call, Terminal& terminal) {
  const std::string number(kVersion);
  terminal.print(call.value_or("--output", "text") == "json"
                     ? "{\"name\":\"weir\",\"version\":\"" + number + "\"}\n"
                     : "weir " + number + "\n");
  return kGood;
}

int man(const Call&, Terminal& terminal) { return terminal.print(manual()), kGood; }

}  // namespace weir::cli
