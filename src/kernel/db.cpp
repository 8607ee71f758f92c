#include "am/kernel/db.hpp"

#include <limits>

#include "am/base/text.hpp"

namespace am::kernel {

namespace {

Error mistyped(std::string_view column, std::string_view wanted) {
  return {ErrorKind::data, "database: column " + std::string(column) + " holds no " + std::string(wanted)};
}

}  // namespace

SqlValue sql_array(const std::vector<SqlValue>& elements) {
  std::string out = "{";
  for (const SqlValue& element : elements) {
    if (out.size() > 1) out += ',';
    if (!element) {
      out += "NULL";
      continue;
    }
    out += '"';
    for (const char c : *element) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  }
  out += '}';
  return out;
}

const SqlValue& Row::at(std::string_view column) const {
  for (std::size_t i = 0; i < columns_->size(); ++i) {
    if ((*columns_)[i] == column) return (*values_)[i];
  }
  throw Error(ErrorKind::bug, "database: the result has no column " + std::string(column));
}

const std::string& Row::text(std::string_view column) const {
  const SqlValue& value = at(column);
  if (!value) throw Error(ErrorKind::bug, "database: column " + std::string(column) + " is null");
  return *value;
}

long long Row::integer(std::string_view column) const {
  using Limits = std::numeric_limits<long long>;
  const auto value = parse_integer(text(column), Limits::min(), Limits::max());
  if (!value) throw mistyped(column, "integer");
  return *value;
}

bool Row::boolean(std::string_view column) const {
  const std::string& value = text(column);
  if (value != "t" && value != "f") throw mistyped(column, "boolean");
  return value == "t";
}

Date Row::date(std::string_view column) const {
  const auto value = Date::parse(text(column));
  if (!value) throw mistyped(column, "date");
  return *value;
}

Decimal Row::decimal(std::string_view column) const {
  const auto value = Decimal::parse(text(column));
  if (!value) throw mistyped(column, "finite number");
  return *value;
}

Instant Row::micros(std::string_view column) const {
  return Instant{std::chrono::microseconds{integer(column)}};
}

std::optional<Instant> Row::maybe_micros(std::string_view column) const {
  if (is_null(column)) return std::nullopt;
  return micros(column);
}

std::optional<Decimal> Row::maybe_decimal(std::string_view column) const {
  if (is_null(column)) return std::nullopt;
  return decimal(column);
}

std::vector<Rows> read_snapshot(Db& db, const std::vector<Statement>& statements) {
  const std::unique_ptr<Transaction> snapshot = db.begin(true);
  std::vector<Rows> results;
  results.reserve(statements.size());
  for (const Statement& each : statements) results.push_back(snapshot->query(each.sql, each.values));
  return results;
}

Row Rows::only() const {
  if (size() != 1) throw Error(ErrorKind::bug, "database: expected one row, got " + std::to_string(size()));
  return (*this)[0];
}

}  // namespace am::kernel
