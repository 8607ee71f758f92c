// COPY … FROM STDIN: its text format, and how it is sent.

#include "db_copy.hpp"

#include <algorithm>
#include <optional>

#include "db_link.hpp"

namespace am::kernel {

namespace {

/// One message to the server: between two of them it is seen that it refused.
constexpr std::size_t kPiece = 64U << 10U;

void append_value(std::string& data, const SqlValue& value) {
  if (!value) {
    data += "\\N";
    return;
  }
  for (const char c : *value) {
    switch (c) {
      case '\\':
        data += "\\\\";
        break;
      case '\t':
        data += "\\t";
        break;
      case '\n':
        data += "\\n";
        break;
      case '\r':
        data += "\\r";
        break;
      default:
        data += c;
    }
  }
}

StatementFailure failure_of(const PGconn* connection, const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* text = result == nullptr ? PQerrorMessage(connection) : PQresultErrorMessage(result);
  return {state == nullptr ? "" : state, text};
}

}  // namespace

std::string copy_sql(std::string_view table, std::span<const std::string_view> columns) {
  const std::size_t dot = table.find('.');
  std::string sql = "COPY ";
  if (dot != std::string_view::npos) sql += quoted_identifier(table.substr(0, dot)) + ".";
  sql += quoted_identifier(table.substr(dot == std::string_view::npos ? 0 : dot + 1));
  std::string_view separator = " (";
  for (const std::string_view column : columns) {
    sql.append(separator).append(quoted_identifier(column));
    separator = ", ";
  }
  return sql + ") FROM STDIN";
}

std::string copy_data(std::span<const std::string_view> columns, std::span<const SqlValues> rows) {
  std::string data;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (rows[row].size() != columns.size()) {
      throw Error(ErrorKind::bug, "database: row " + std::to_string(row + 1) + " to copy has " +
                                      std::to_string(rows[row].size()) + " values (expected " +
                                      std::to_string(columns.size()) + ")");
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const SqlValue& value = rows[row][i];
      if (value && value->find('\0') != std::string::npos) {
        throw Error(ErrorKind::data, "database: row " + std::to_string(row + 1) + ", column " +
                                         std::string(columns[i]) +
                                         ", holds a NUL byte, which PostgreSQL can't store");
      }
      if (i > 0) data += '\t';
      append_value(data, value);
    }
    data += '\n';
  }
  return data;
}

Result<Rows, StatementFailure> copy_in(PGconn* connection, const std::string& sql, std::string_view data) {
  const PgResult begun(PQexec(connection, sql.c_str()));
  if (PQresultStatus(begun.get()) != PGRES_COPY_IN) return failure_of(connection, begun.get());
  bool sent = true;
  for (; sent && !data.empty(); data.remove_prefix(std::min(kPiece, data.size()))) {
    const std::string_view piece = data.substr(0, kPiece);
    sent = PQputCopyData(connection, piece.data(), static_cast<int>(piece.size())) == 1;
  }
  // Refused already, when data can't be sent: then the end can't either, and the result tells why.
  PQputCopyEnd(connection, sent ? nullptr : "the data could not be sent");
  Rows rows;
  std::optional<StatementFailure> failure;
  while (const PgResult result{PQgetResult(connection)}) {
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_COMMAND_OK) {
      rows.affected = std::stoull(PQcmdTuples(result.get()));
    } else if (!failure) {
      failure = failure_of(connection, result.get());
    }
    // It would wait for ever for an end that can't be sent.
    if (status == PGRES_COPY_IN) break;
  }
  if (!failure && !sent) failure = failure_of(connection, nullptr);
  if (failure) return *failure;
  return rows;
}

}  // namespace am::kernel
