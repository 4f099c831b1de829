#include "cli/demo_screen.h"

#include <algorithm>

#include "cli/layout.h"
#include "cli/numbers.h"
#include "expression/json_text.h"

namespace weir::cli {

namespace {

std::string field(std::string_view json, std::string_view name) {
  expression::JsonWalk walk(json);
  while (walk.next()) {
    if (walk.key() != name) continue;
    std::string_view text = walk.value();
    if (text.size() >= 2 && text.front() == '"') text = text.substr(1, text.size() - 2);
    return std::string(text == "null" ? "-" : text);
  }
  return "-";
}

std::string cell(std::string text, std::size_t width, bool right = false) {
  if (text.size() > width) text.resize(width);
  const std::string blanks(width - text.size(), ' ');
  return (right ? blanks + text : text + blanks) + "  ";
}

std::uint64_t counted(const std::map<std::string, std::uint64_t>& counts, const std::string& name) {
  const auto found = counts.find(name);
  return found == counts.end() ? 0 : found->second;
}

std::uint64_t all_of(const std::map<std::string, std::uint64_t>& counts) {
  std::uint64_t sum = 0;
  for (const auto& [name, count] : counts) sum += count;
  return sum;
}

std::string number(std::uint64_t count) { return grouped(static_cast<std::int64_t>(count)); }

}  // namespace

void DemoScreen::begin(Terminal& terminal) {
  const bool color = terminal.colors_results();
  terminal.print(styled("weir demo", "1", color) +
                 ": orders and their payments, each pair once, whichever comes first.\n"
                 "The job is jobs/order-payments.yaml, but an order waits only 4 s.\n" +
                 styled("A demonstration: brokers simulated in this process, at least once,\n"
                        "all gone at the end. On a real cluster the same job is exactly once.",
                        "2", color) +
                 "\n\n");
}

void DemoScreen::wait(Terminal& terminal, std::string_view state) {
  if (!Terminal::is_terminal(stdout) || waiting_) return;
  waiting_ = true;
  terminal.print(std::string(state) + " ...");
}

std::string DemoScreen::table(bool color) const {
  std::string out = styled(cell("ORDER", 10) + cell("CUSTOMER", 13) + cell("AMOUNT", 9, true) +
                               cell("PAYMENT", 10) + "MATCHED AT",
                           "1", color) +
                    "\n";
  for (const std::string& pair : pairs.last()) {
    out += cell(field(pair, "order_id"), 10) + cell(field(pair, "customer_id"), 13) +
           cell(field(pair, "order_amount"), 9, true) + cell(field(pair, "payment_id"), 8) + "  " +
           field(pair, "processed_at") + "\n";
  }
  out += "\n" + styled("UNMATCHED", "1", color) + "\n";
  for (const std::string& one : unmatched.last()) {
    out += cell(field(one, "order_id"), 10) + cell(field(one, "side"), 13) + field(one, "reason") +
           "\n";
  }
  return out;
}

std::uint64_t DemoScreen::waiting(const AppSnapshot& now) const {
  const std::uint64_t in = now.total_in().records;
  const std::uint64_t done = 2 * pairs.count() + unmatched.count() +
                             counted(now.discarded_by_reason(), "duplicate") +
                             all_of(now.dead_letters);
  return in - std::min(in, done);
}

std::string DemoScreen::totals(const AppSnapshot& now, std::int64_t passed_ms) const {
  return clock_text(static_cast<double>(passed_ms) / 1000) + "  in " +
         number(now.total_in().records) + "  pairs " + number(pairs.count()) + "  unmatched " +
         number(unmatched.count()) + "  duplicates " +
         number(counted(now.discarded_by_reason(), "duplicate")) + "  dead " +
         number(all_of(now.dead_letters)) + "  waiting " + number(waiting(now));
}

void DemoScreen::show(Terminal& terminal, const AppSnapshot& now, std::int64_t passed_ms) {
  const bool lively = Terminal::is_terminal(stdout);
  if (passed_ms - shown_ms_ < (lively ? 500 : 5000)) return;
  shown_ms_ = passed_ms;
  if (!lively) {
    terminal.print(totals(now, passed_ms) + "\n");
    return;
  }
  std::string frame = waiting_ ? "\r\033[K" : "";
  waiting_ = false;
  if (lines_ > 0) frame += "\033[" + std::to_string(lines_) + "A\033[J";
  // A line that wraps would not be drawn over.
  const std::string text = clipped(
      table(terminal.colors_results()) + "\n" + totals(now, passed_ms) + "\n(Ctrl-C to end)\n",
      Terminal::columns(stdout) - 1);
  lines_ = static_cast<int>(std::ranges::count(text, '\n'));
  terminal.print(frame + text);
}

void DemoScreen::finishing(Terminal& terminal) {
  terminal.print("\nending: what still waits comes out now ...\n");
}

bool DemoScreen::sum_up(Terminal& terminal, const AppSnapshot& now) {
  if (!Terminal::is_terminal(stdout)) terminal.print("\n" + table(false));
  const auto reasons = now.discarded_by_reason();
  const std::uint64_t in = now.total_in().records;
  const std::uint64_t duplicates = counted(reasons, "duplicate");
  const std::uint64_t dead = all_of(now.dead_letters);
  const std::uint64_t sum = 2 * pairs.count() + unmatched.count() + duplicates + dead;
  terminal.print("\n" + number(in) + " records in = 2 x " + number(pairs.count()) + " pairs + " +
                 number(unmatched.count()) + " unmatched + " + number(duplicates) +
                 " duplicates + " + number(dead) + " dead letters" +
                 (sum == in ? "" : "   (that is " + number(sum) + ")") + "\n\n" +
                 "next: weir new my-job -t join     begin a job of your own\n"
                 "      weir explain jobs/order-payments.yaml\n"
                 "      weir run jobs/order-payments.yaml --brokers HOST:PORT \\\n"
                 "        --replace-sink mongodb=none\n");
  return sum == in;
}

}  // namespace weir::cli
