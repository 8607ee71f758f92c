#pragma once
// PostgreSQL, without naming the driver (only src/kernel/db_pqxx.cpp does). Every value is a parameter.
// Nothing here depends on session state, so a transaction-mode pooler may sit in between: no session
// SET, no prepared statements, no session locks, no LISTEN.
//
// Values travel as text. Ask the server for text that no session setting changes: dates as
// to_char(d, 'YYYY-MM-DD'), moments as micros: (extract(epoch from t) * 1000000)::bigint.
//
// Threads: a Db and its transaction are used from one at a time; each thread opens its own. What is a value here (rows,
//          options, statements) is as safe as a string.

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "am/base/date.hpp"
#include "am/base/decimal.hpp"
#include "am/base/error.hpp"
#include "am/kernel/stop.hpp"

namespace am::kernel {

/// One SQL parameter as PostgreSQL's text; nullopt is NULL.
using SqlValue = std::optional<std::string>;

inline SqlValue sql_value(std::nullopt_t) { return std::nullopt; }
inline SqlValue sql_value(std::string v) { return v; }
inline SqlValue sql_value(std::string_view v) { return std::string(v); }
inline SqlValue sql_value(const char* v) { return std::string(v); }
inline SqlValue sql_value(bool v) { return std::string(v ? "t" : "f"); }
template <class T>
  requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
SqlValue sql_value(T v) {
  return std::to_string(v);
}
inline SqlValue sql_value(const Date& v) { return v.to_string(); }
inline SqlValue sql_value(const Decimal& v) { return v.to_string(); }
inline SqlValue sql_value(Instant v) { return format_rfc3339(v); }
template <class T>
SqlValue sql_value(const std::optional<T>& v) {
  return v ? sql_value(*v) : std::nullopt;
}
/// An SQL array literal of the elements' text ('{"a",NULL}'): cast it in the statement ($1::text[]).
SqlValue sql_array(const std::vector<SqlValue>& elements);

using SqlValues = std::vector<SqlValue>;
template <class... T>
SqlValues sql_values(const T&... v) {
  return SqlValues{sql_value(v)...};
}

/// A statement and its parameters.
struct Statement {
  std::string sql;
  SqlValues values;
};

/// One row of a result. The accessors throw Error{bug} on an unknown column or an unexpected NULL, and
/// Error{data} on text that is not of the type asked for.
class Row {
 public:
  Row(const std::vector<std::string>& columns, const SqlValues& values)
      : columns_(&columns), values_(&values) {}
  bool is_null(std::string_view column) const { return !at(column).has_value(); }
  const SqlValue& at(std::string_view column) const;
  const std::string& text(std::string_view column) const;
  long long integer(std::string_view column) const;
  bool boolean(std::string_view column) const;
  Date date(std::string_view column) const;
  Decimal decimal(std::string_view column) const;
  /// A column of microseconds since 1970 (see above).
  Instant micros(std::string_view column) const;
  std::optional<Instant> maybe_micros(std::string_view column) const;
  std::optional<Decimal> maybe_decimal(std::string_view column) const;
  std::optional<std::string> maybe_text(std::string_view column) const { return at(column); }

 private:
  const std::vector<std::string>* columns_;
  const SqlValues* values_;
};

/// A whole result, held in memory.
struct Rows {
  std::vector<std::string> columns;
  std::vector<SqlValues> values;
  std::size_t affected = 0;

  bool empty() const { return values.empty(); }
  std::size_t size() const { return values.size(); }
  Row operator[](std::size_t i) const { return {columns, values[i]}; }

  class Iterator {
   public:
    using value_type = Row;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    Iterator(const std::vector<std::string>& columns, std::vector<SqlValues>::const_iterator at)
        : columns_(&columns), at_(at) {}
    Row operator*() const { return {*columns_, *at_}; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    Iterator operator++(int) {
      const Iterator before = *this;
      ++at_;
      return before;
    }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

   private:
    const std::vector<std::string>* columns_ = nullptr;
    std::vector<SqlValues>::const_iterator at_{};
  };
  Iterator begin() const { return {columns, values.begin()}; }
  Iterator end() const { return {columns, values.end()}; }
  /// The only row. Errors: Error{bug} when there is not exactly one.
  Row only() const;
};

/// Something that runs SQL: a connection (each statement its own transaction) or a transaction.
class Sql {
 public:
  virtual ~Sql() = default;
  /// Errors:  Error{unavailable} lost connection, serialization failure, deadlock, no answer within the limit;
  ///          Error{interrupted} or Error{terminated} when asked to end meanwhile, and it did not soon end;
  ///          Error{denied} privilege (42501), with the grant that is missing, or a role or server that only
  ///          reads (25006); Error{config} a table, column or schema that is not there (42P01, 42703, 3F000)
  ///          or is there already (42P07); Error{data} a constraint refused the row (class 23) or a value
  ///          (class 22), or text with a NUL; otherwise Error{bug}, also for a statement beside an open
  ///          transaction. Messages carry PostgreSQL's primary message, never parameter values.
  virtual Rows query(std::string_view sql, const SqlValues& values = {}) = 0;
};

/// Rolls back when destroyed without commit().
class Transaction : public Sql {
 public:
  /// Errors:  as query; Error{unavailable}, not retryable, "… outcome is unknown" when the connection was
  /// lost
  ///          during COMMIT; Error{bug} after a statement that failed.
  virtual void commit() = 0;
  /// A whole script of statements without parameters (migrations). Without the limit of other statements: asking the
  /// process to end ends it.
  virtual void script(std::string_view sql) = 0;
  /// Many rows at once, by COPY. table: with its schema ("forecast.series"), or without; names are quoted. A row has one
  /// value for each column, as the server reads it.
  /// Errors:  as query; Error{bug}, nothing sent: a row of another width.
  virtual void copy_in(std::string_view table, std::span<const std::string_view> columns,
                       std::span<const SqlValues> rows) = 0;
};

struct DbOptions {
  std::string url;  ///< libpq URL or keyword string; may hold a password: never printed
  std::string application_name = "am";
  std::chrono::milliseconds connect_timeout{5000};  ///< for each address; connect_timeout in the URL beats it
  std::chrono::milliseconds statement_timeout{
      30000};                                     ///< for each statement, waiting for locks included; 0: none
  std::chrono::milliseconds lock_timeout{10000};  ///< for each lock in a transaction; 0: none
  const Stop* stop = nullptr;                     ///< ends connecting and statements, after a moment
  /// Called before every statement (with its text), "BEGIN", "COMMIT" and after it ("COMMITTED"), for crash
  /// sweeps; may throw or kill.
  std::function<void(std::string_view what)> probe;
};

class Db : public Sql {
 public:
  /// READ COMMITTED whatever the role's default; read_only: one snapshot for all its statements (REPEATABLE
  /// READ READ ONLY). A connection that was lost while idle is replaced. One transaction at a time.
  virtual std::unique_ptr<Transaction> begin(bool read_only = false) = 0;
  /// Runs work in a transaction and commits; runs it again (3 times at most) after a serialization
  /// failure, a deadlock, or a connection lost before COMMIT was sent.
  virtual void transact(const std::function<void(Transaction&)>& work) = 0;
  /// "PostgreSQL 15.8 on /tmp/x, database am, user am": for messages; no secret.
  virtual std::string describe() const = 0;
};

/// The parameters of a URL that were meant for another driver or a pooler, and are left out.
/// Errors:  config, as open_db, for a parameter that can't be left out.
std::vector<std::string> ignored_url_parameters(const std::string& url);

/// Several statements in one read-only snapshot. Shape: one result per statement.
std::vector<Rows> read_snapshot(Db& db, const std::vector<Statement>& statements);

/// Connects. Every statement ends by its limit, or within a second when the process is asked to end.
/// Errors:  config (missing or malformed URL, unknown database), denied (password, role, pg_hba),
///          unavailable (server away or starting up); each with a hint, none with the password.
std::unique_ptr<Db> open_db(const DbOptions& options);

}  // namespace am::kernel
