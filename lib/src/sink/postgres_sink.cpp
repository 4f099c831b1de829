#include <algorithm>
#include <bit>
#include <functional>
#include <optional>

#include "sink/postgres_connection.h"
#include "sink/postgres_rows.h"
#include "sink/retry_clock.h"
#include <weir/postgres_sink.h>

namespace weir {

namespace {

using sink::PostgresAnswer;
using sink::RetryClock;
using sink::TableColumn;
using What = PostgresAnswer::What;

constexpr std::size_t kStatementBytesMax = 32 << 20;
constexpr std::size_t kNoRow = static_cast<std::size_t>(-1);

class PostgresSink final : public Sink {
 public:
  explicit PostgresSink(const PostgresOptions& options)
      : options_(options), connection_(options.uri, options.log), clock_(options.retry) {}
  ~PostgresSink() override { close(); }

  SinkPace pace() const override {
    return {.batch_records = options_.batch_records,
            .batch_every = options_.batch_every,
            .in_flight = options_.in_flight};
  }

  SinkAnswer probe() override {
    if (!rows_) return check_server();
    if (clock_.resting()) return clock_.waiting();
    const PostgresAnswer answer = connection_.run("select 1", {});
    if (answer.what != What::kDone) return told(answer);
    clock_.answered();
    return {};
  }

  SinkAnswer check_server() {
    if (rows_ || clock_.resting()) return rows_ ? SinkAnswer{} : clock_.waiting();
    if (options_.create) {
      const PostgresAnswer created = create_table();
      if (created.what != What::kDone) return told(created);
    }
    std::vector<TableColumn> columns;
    if (const PostgresAnswer read = read_columns(columns); read.what != What::kDone) {
      return told(read);
    }
    statement_ = sink::insert_statement(options_, columns);
    rows_.emplace(columns, options_.id);
    const PostgresAnswer tried = connection_.run(statement_, rows_->arrays({}));
    if (tried.what != What::kDone) {
      rows_.reset();
      return told(tried);
    }
    clock_.succeeded();
    return {};
  }

  SinkAnswer write(std::span<const SinkRecord> batch) override {
    if (SinkAnswer checked = check_server(); checked.what != SinkAnswer::What::done) {
      return checked;
    }
    if (clock_.resting()) return clock_.waiting();
    SinkAnswer answer;
    for (std::size_t next = 0; next < batch.size();) {
      const PostgresAnswer trouble = write_some(batch, next, answer);
      if (trouble.what != What::kDone) return told(trouble);
    }
    clock_.succeeded();
    return answer;
  }

  SinkAnswer flush() override { return {}; }
  void close() override { connection_.close(); }

 private:
  SinkAnswer told(const PostgresAnswer& answer) {
    const std::string why =
        "PostgreSQL at " + connection_.host() + ", " + options_.table + ": " + answer.why;
    if (answer.what == What::kAgain) return clock_.failed(why);
    return RetryClock::answer(SinkAnswer::What::never, why);
  }

  static PostgresAnswer never(std::string why) { return {What::kNever, std::move(why), {}}; }

  // Who may write a table need not have the right to make one.
  PostgresAnswer create_table() {
    const std::string table = sink::quoted_table(options_.table);
    PostgresAnswer found = connection_.run("select to_regclass($1) is not null", {table.c_str()});
    if (found.what != What::kDone || found.rows.at(0).at(0) == "t") return found;
    PostgresAnswer created = connection_.run(sink::create_statement(options_), {});
    // Two who create at once: one of them hears of a key that is there already.
    if (created.what == What::kBadRow) created.what = What::kDone;
    return created;
  }

  // Of the table, those that results have, or all.
  PostgresAnswer read_columns(std::vector<TableColumn>& columns) {
    const std::string table = sink::quoted_table(options_.table);
    PostgresAnswer found = connection_.run(
        "select attname, format_type(atttypid, null) from pg_attribute where attrelid = "
        "to_regclass($1) and attnum > 0 and not attisdropped and attgenerated = '' order by attnum",
        {table.c_str()});
    if (found.what != What::kDone) return found;
    if (found.rows.empty()) return never("there is no such table; 'create: true' makes it");
    std::vector<TableColumn> all;
    for (std::vector<std::string>& row : found.rows) {
      all.push_back({std::move(row[0]), std::move(row[1])});
    }
    const auto named = [&](const std::string& name) {
      return std::ranges::find(all, name, &TableColumn::name);
    };
    for (const SinkColumn& column : options_.columns) {
      if (named(column.name) == all.end()) {
        return never("the table has no column '" + column.name + "'");
      }
      columns.push_back(*named(column.name));
    }
    if (options_.columns.empty()) columns = all;
    for (const std::string& name : options_.id) {
      if (std::ranges::find(columns, name, &TableColumn::name) == columns.end()) {
        return never("the id '" + name + "' is no column that is written");
      }
    }
    for (const TableColumn& column : columns) {
      if (!column.type.ends_with("[]")) continue;
      return never("the column '" + column.name + "' is an array; jsonb holds lists");
    }
    return {};
  }

  // One statement's worth of the batch.
  PostgresAnswer write_some(std::span<const SinkRecord> batch, std::size_t& next,
                            SinkAnswer& into) {
    rows_->clear();
    records_.clear();
    std::size_t bytes = 0;
    for (; next < batch.size() && rows_->size() < options_.batch_records; ++next) {
      const std::string_view value = batch[next].value.value_or("");
      if (bytes > 0 && bytes + value.size() > kStatementBytesMax) break;
      bytes += value.size();
      Status taken = batch[next].value ? rows_->add(value) : Error{"it has no value"};
      if (taken) {
        records_.push_back(next);
      } else {
        into.refused.push_back({next, taken.error().to_string()});
      }
    }
    return write_rows(last_of_each(), into);
  }

  // The same id twice in one statement is an error of its own. The last wins; or the first.
  std::vector<std::size_t> last_of_each() {
    const bool keep_first = options_.write == PostgresWrite::insert;
    std::vector<std::size_t> rows;
    rows.reserve(rows_->size());
    // A table of rows by their ids, each in the first free place behind its own.
    chosen_.assign(std::bit_ceil(2 * rows_->size() + 1), kNoRow);
    const std::size_t mask = chosen_.size() - 1;
    for (std::size_t i = 0; i < rows_->size(); ++i) {
      const std::size_t row = keep_first ? i : rows_->size() - 1 - i;
      const std::string_view id = rows_->id_of(row);
      std::size_t place = std::hash<std::string_view>()(id) & mask;
      while (chosen_[place] != kNoRow && rows_->id_of(chosen_[place]) != id) {
        place = (place + 1) & mask;
      }
      if (chosen_[place] != kNoRow) continue;
      chosen_[place] = row;
      rows.push_back(row);
    }
    if (!keep_first) std::ranges::reverse(rows);
    return rows;
  }

  // What was refused does not take the place of another row of its id, which was left out.
  std::vector<std::size_t> next_of_same_id(std::size_t row) const {
    const bool keep_first = options_.write == PostgresWrite::insert;
    const std::size_t end = keep_first ? rows_->size() - 1 : 0;
    for (std::size_t at = row; at != end;) {
      at = keep_first ? at + 1 : at - 1;
      if (rows_->id_of(at) == rows_->id_of(row)) return {at};
    }
    return {};
  }

  // A statement is all or nothing: halves, until the bad row is alone.
  PostgresAnswer write_rows(const std::vector<std::size_t>& rows, SinkAnswer& into) {
    if (rows.empty()) return {};
    PostgresAnswer answer = connection_.run(statement_, rows_->arrays(rows));
    if (answer.what != What::kBadRow) return answer;
    if (rows.size() == 1) {
      into.refused.push_back({records_[rows.front()], std::move(answer.why)});
      return write_rows(next_of_same_id(rows.front()), into);
    }
    const auto middle = rows.begin() + static_cast<std::ptrdiff_t>(rows.size() / 2);
    answer = write_rows({rows.begin(), middle}, into);
    return answer.what == What::kDone ? write_rows({middle, rows.end()}, into) : answer;
  }

  const PostgresOptions options_;
  sink::PostgresConnection connection_;
  RetryClock clock_;
  std::string statement_;
  std::optional<sink::PostgresRows> rows_;  // Once the table is known.
  std::vector<std::size_t> records_;        // Where each row stands in the batch.
  std::vector<std::size_t> chosen_;         // Scratch.
};

}  // namespace

Status check_postgres_address(const std::string& uri) {
  return sink::PostgresConnection::check_address(uri);
}

Result<OpenSink> postgres_sink(PostgresOptions options) {
  if (options.table.empty()) return Error{"a PostgreSQL sink needs the name of a table"};
  if (options.id.empty()) return Error{"a PostgreSQL sink needs an id"};
  if (options.batch_records == 0) return Error{"a batch has one record at least"};
  if (options.create && options.columns.empty()) {
    return Error{"a table can be created for declared fields only"};
  }
  if (Status s = sink::PostgresConnection::check_address(options.uri); !s) return s.error();
  return OpenSink([options = std::move(options)](int) -> Result<std::unique_ptr<Sink>> {
    auto made = std::make_unique<PostgresSink>(options);
    const SinkAnswer answer = made->check_server();
    if (answer.what == SinkAnswer::What::never) return Error{answer.why};
    if (answer.what == SinkAnswer::What::again && options.log) {
      options.log(4, answer.why + "; waiting for it");
    }
    return std::unique_ptr<Sink>(std::move(made));
  });
}

}  // namespace weir
