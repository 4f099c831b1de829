#include "sink/postgres_connection.h"
#include "sink/postgres_rows.h"
#include "sink/sink_look.h"

namespace weir {

namespace {

using What = sink::PostgresAnswer::What;

// Opened without `create`, a sink makes nothing; so what `create` would need is asked for here.
SinkLook look_for_room(const PostgresOptions& options) {
  sink::PostgresConnection connection(options.uri, [](int, std::string_view) {});
  const std::string table = sink::quoted_table(options.table);
  const std::size_t dot = options.table.find('.');
  const std::string schema = dot == std::string::npos ? "" : options.table.substr(0, dot);
  const sink::PostgresAnswer answer = connection.run(
      "select to_regclass($1) is not null, coalesce(has_schema_privilege(coalesce(nullif($2, ''), "
      "current_schema()), 'create'), false)",
      {table.c_str(), schema.c_str()});
  const std::string where = "PostgreSQL at " + connection.host() + ", " + options.table + ": ";
  connection.close();
  if (answer.what == What::kAgain) return {SinkLook::Is::unreachable, where + answer.why};
  if (answer.what != What::kDone || answer.rows.empty()) {
    return {SinkLook::Is::refused, where + answer.why};
  }
  if (answer.rows[0][0] == "t") return {};
  if (options.create && answer.rows[0][1] == "t") return {SinkLook::Is::missing, ""};
  return {SinkLook::Is::refused,
          where + (options.create ? "this user may not make it there"
                                  : "there is no such table; 'create: true' makes it")};
}

}  // namespace

SinkLook look_at(const PostgresOptions& options) {
  if (Status fine = sink::PostgresConnection::check_address(options.uri); !fine) {
    return {SinkLook::Is::refused, fine.error().to_string()};
  }
  if (SinkLook room = look_for_room(options); room.is != SinkLook::Is::ready) return room;
  std::string heard;
  PostgresOptions there = options;
  there.create = false;
  there.log = sink::hear_warnings(heard);
  return sink::look_by_opening(postgres_sink(std::move(there)), heard);
}

}  // namespace weir
