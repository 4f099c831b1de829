// The commands, each the answer to one word of the table. They return the exit code.
#pragma once

#include "cli/command.h"
#include "cli/terminal.h"

namespace weir::cli {

int run_jobs(const Call& call, Terminal& terminal);
int validate(const Call& call, Terminal& terminal);
int run_tests(const Call& call, Terminal& terminal);
int explain(const Call& call, Terminal& terminal);
int plan(const Call& call, Terminal& terminal);
int doctor(const Call& call, Terminal& terminal);
int demo(const Call& call, Terminal& terminal);
int produce(const Call& call, Terminal& terminal);
int consume(const Call& call, Terminal& terminal);
int reset(const Call& call, Terminal& terminal);
int dlq(const Call& call, Terminal& terminal);
int state(const Call& call, Terminal& terminal);
int top(const Call& call, Terminal& terminal);
int tap(const Call& call, Terminal& terminal);
int status(const Call& call, Terminal& terminal);
int make_new(const Call& call, Terminal& terminal);
int fmt(const Call& call, Terminal& terminal);
int expr(const Call& call, Terminal& terminal);
int schema(const Call& call, Terminal& terminal);
int completion(const Call& call, Terminal& terminal);
int version(const Call& call, Terminal& terminal);
int man(const Call& call, Terminal& terminal);

}  // namespace weir::cli
