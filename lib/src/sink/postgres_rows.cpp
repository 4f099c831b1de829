#include "sink/postgres_rows.h"

#include <algorithm>

#include "json/text.h"

namespace weir::sink {

namespace {

using Type = SinkColumn::Type;

std::string created_type(const SinkColumn& column) {
  switch (column.type) {
    case Type::boolean:
      return "boolean";
    case Type::integer:
      return "bigint";
    case Type::real:
      return "double precision";
    case Type::decimal:
      return "numeric(19," + std::to_string(column.places) + ")";
    case Type::text:
      return "text";
    case Type::time:
      return "timestamp with time zone";
    case Type::date:
      return "date";
    case Type::list:
    case Type::map:
    case Type::any:
      break;
  }
  return "jsonb";
}

template <class Names, class Write>
std::string listed(const Names& names, Write write) {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : ", ") + write(name);
  return list;
}

// The bytes of an element between its quotes.
void append_quoted(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
}

// A path of JsonReader for a field's name.
std::vector<std::string> paths_of(const std::vector<TableColumn>& columns) {
  std::vector<std::string> paths;
  for (const TableColumn& column : columns) {
    std::string& path = paths.emplace_back();
    for (const char c : column.name) {
      if (c == '.' || c == '\\') path += '\\';
      path += c;
    }
  }
  return paths;
}

}  // namespace

std::string quoted_name(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string quoted_table(std::string_view table) {
  const std::size_t dot = table.find('.');
  if (dot == std::string_view::npos) return quoted_name(table);
  return quoted_name(table.substr(0, dot)) + "." + quoted_name(table.substr(dot + 1));
}

std::string create_statement(const PostgresOptions& options) {
  const auto is_id = [&](const std::string& name) {
    return std::ranges::find(options.id, name) != options.id.end();
  };
  return "create table if not exists " + quoted_table(options.table) + " (" +
         listed(options.columns,
                [&](const SinkColumn& column) {
                  const bool needed = !column.nullable || is_id(column.name);
                  return quoted_name(column.name) + " " + created_type(column) +
                         (needed ? " not null" : "");
                }) +
         ", primary key (" + listed(options.id, quoted_name) + "))";
}

std::string insert_statement(const PostgresOptions& options,
                             const std::vector<TableColumn>& columns) {
  std::string values;
  std::string set;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    values += (i > 0 ? ", $" : "$") + std::to_string(i + 1) + "::" + columns[i].type + "[]";
    if (std::ranges::find(options.id, columns[i].name) != options.id.end()) continue;
    const std::string name = quoted_name(columns[i].name);
    set += (set.empty() ? "" : ", ") + name + " = excluded." + name;
  }
  const std::string names =
      listed(columns, [](const TableColumn& column) { return quoted_name(column.name); });
  const bool update = options.write == PostgresWrite::upsert && !set.empty();
  return "insert into " + quoted_table(options.table) + " (" + names + ") select * from unnest(" +
         values + ") on conflict (" + listed(options.id, quoted_name) + ") do " +
         (update ? "update set " + set : "nothing");
}

PostgresRows::PostgresRows(std::vector<TableColumn> columns, const std::vector<std::string>& id)
    : columns_(std::move(columns)),
      reader_(paths_of(columns_)),
      texts_(columns_.size(), "{"),
      some_(columns_.size()) {
  for (const std::string& name : id) {
    const auto found = std::ranges::find(columns_, name, &TableColumn::name);
    check(found != columns_.end(), "an id is one of the columns");
    id_columns_.push_back(static_cast<std::size_t>(found - columns_.begin()));
  }
}

void PostgresRows::clear() {
  for (std::string& text : texts_) text = "{";
  places_.clear();
  ids_.clear();
  rows_ = 0;
}

std::size_t PostgresRows::end_of(std::size_t column) const {
  if (rows_ == 0) return 1;
  const Place& last = places_[(rows_ - 1) * columns_.size() + column];
  return last.at + last.size;
}

Status PostgresRows::append(const JsonSlot& slot, const TableColumn& column, std::string& out) {
  if (slot.is_absent()) {
    out += "NULL";
    return {};
  }
  std::string_view text = slot.text;
  if (slot.kind == JsonKind::kTrue || slot.kind == JsonKind::kFalse) {
    text = slot.kind == JsonKind::kTrue ? "true" : "false";
  }
  const bool string = slot.kind == JsonKind::kString;
  const bool as_json = string && column.is_json();
  if (slot.escaped && string && !as_json) {
    scratch_.clear();
    json::append_unescaped(scratch_, text);
    text = scratch_;
  }
  if (text.find('\0') != std::string_view::npos) {
    return Error{"the field '" + column.name + "' has a NUL in it, which PostgreSQL does not take"};
  }
  out += as_json ? "\"\\\"" : "\"";
  if (slot.escaped || slot.kind == JsonKind::kObject || slot.kind == JsonKind::kArray) {
    append_quoted(out, text);
  } else {
    out += text;  // JSON has no quote and no backslash there.
  }
  out += as_json ? "\\\"\"" : "\"";
  return {};
}

Status PostgresRows::add(std::string_view json) {
  if (Status s = reader_.read(json); !s) return s;
  const std::size_t places = places_.size();
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::string& text = texts_[i];
    text.resize(end_of(i));
    if (rows_ > 0) text += ',';
    const std::size_t at = text.size();
    if (Status s = append(reader_[i], columns_[i], text); !s) {
      places_.resize(places);
      return s;
    }
    places_.push_back({at, text.size() - at});
  }
  ++rows_;
  if (id_columns_.size() == 1) return {};
  std::string& id = ids_.emplace_back();
  for (const std::size_t column : id_columns_) id += element(rows_ - 1, column);
  return {};
}

const std::vector<const char*>& PostgresRows::arrays(const std::vector<std::size_t>& rows) {
  parameters_.clear();
  const bool all = rows.size() == rows_;
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    std::string& text = all ? texts_[column] : some_[column];
    if (all) {
      text.resize(end_of(column));
    } else {
      text = "{";
      for (const std::size_t row : rows) {
        if (text.size() > 1) text += ',';
        text += element(row, column);
      }
    }
    text += '}';
    parameters_.push_back(text.c_str());
  }
  return parameters_;
}

}  // namespace weir::sink
