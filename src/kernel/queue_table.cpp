// The columns and indexes of queues' tables, which the kernel's statements name.

#include <array>

#include "am/base/text.hpp"
#include "am/kernel/queue_admin.hpp"
#include "queue_sql.hpp"

namespace am::kernel {

namespace {

struct Column {
  std::string_view name, type, rest;
};

constexpr std::array<Column, 14> kColumns{{
    {"id", "bigint", "GENERATED ALWAYS AS IDENTITY PRIMARY KEY"},
    {"key", "text", "NOT NULL UNIQUE"},
    {"status", "text",
     "NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'done', 'failed', 'dead', 'cancelled'))"},
    {"priority", "smallint", "NOT NULL DEFAULT 1 CHECK (priority BETWEEN 0 AND 3)"},
    {"ready_at", "timestamp with time zone", "NOT NULL"},
    {"epoch", "bigint", "NOT NULL DEFAULT 0"},
    {"attempts", "integer", "NOT NULL DEFAULT 0"},
    {"max_attempts", "integer", "NOT NULL"},
    {"holder", "jsonb", ""},
    {"payload", "jsonb", "NOT NULL"},
    {"error_message", "text", ""},
    {"sent_at", "timestamp with time zone", ""},
    {"created_at", "timestamp with time zone", "NOT NULL"},
    {"updated_at", "timestamp with time zone", "NOT NULL"},
}};

/// The first: claims, and what is open. The second: what people look at. status rides along so that counting reads the
/// index alone.
constexpr std::array<std::string_view, 2> kIndexes{
    "(priority, ready_at, id) INCLUDE (status) WHERE status IN ('queued', 'running')",
    "(status, id) WHERE status IN ('failed', 'dead')"};

/// What pg_get_indexdef says of them, in part.
constexpr std::array<std::array<std::string_view, 2>, 2> kIndexMarks{
    {{"(priority, ready_at, id)", "'running'"}, {"(status, id)", "'dead'"}}};

}  // namespace

std::string queue_table_sql(std::string_view table) {
  std::string sql = "CREATE TABLE " + std::string(table) + " (";
  std::string_view separator = "\n  ";
  for (const Column& column : kColumns) {
    sql.append(separator).append(column.name).append(" ").append(column.type);
    if (!column.rest.empty()) sql.append(" ").append(column.rest);
    separator = ",\n  ";
  }
  sql += "\n) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01);\n";
  for (const std::string_view index : kIndexes)
    sql.append("CREATE INDEX ON ").append(table).append(" ").append(index).append(";\n");
  return sql;
}

std::vector<std::string> queue_table_problems(Sql& sql, const QueueSpec& queue) {
  const std::string subject = std::string(queue.table) + ": ";
  const Rows known = sql.query("SELECT to_regclass($1) IS NOT NULL AS known", sql_values(queue.table));
  if (!known.only().boolean("known")) return {subject + "no such table"};
  std::vector<std::string> problems;
  std::vector<SqlValue> names, types;
  for (const Column& column : kColumns) {
    names.push_back(sql_value(column.name));
    types.push_back(sql_value(column.type));
  }
  const Rows missing = sql.query(
      "SELECT c.name, c.type FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS c(name, type, place) WHERE NOT EXISTS ("
      "SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = to_regclass($1) AND a.attname = c.name AND NOT "
      "a.attisdropped AND format_type(a.atttypid, NULL) = c.type) ORDER BY c.place",
      sql_values(queue.table, sql_array(names), sql_array(types)));
  for (const Row column : missing)
    problems.push_back(subject + "no column " + column.text("name") + " of type " + column.text("type"));
  const Rows indexes = sql.query(
      "SELECT pg_get_indexdef(indexrelid) AS definition FROM pg_catalog.pg_index WHERE indrelid = to_regclass($1) AND "
      "indisvalid",
      sql_values(queue.table));
  for (std::size_t wanted = 0; wanted < kIndexes.size(); ++wanted) {
    bool found = false;
    for (const Row index : indexes) {
      const std::string& definition = index.text("definition");
      found = found || (definition.find(kIndexMarks[wanted][0]) != std::string::npos &&
                        definition.find(kIndexMarks[wanted][1]) != std::string::npos);
    }
    if (!found) problems.push_back(subject + "no index " + std::string(kIndexes[wanted]));
  }
  return problems;
}

}  // namespace am::kernel
