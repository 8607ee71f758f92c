#pragma once
// One connection as the driver runs statements on it. Neither transactions nor errors are understood here. Private.

#include <memory>
#include <string>
#include <string_view>

#include "am/base/result.hpp"
#include "libpq.hpp"

namespace am::kernel {

/// What the server, or the driver, says about a statement that failed.
struct StatementFailure {
  std::string sqlstate;
  std::string text;
};

class Link {
 public:
  virtual ~Link() = default;
  virtual Result<Rows, StatementFailure> run(const std::string& sql, const SqlValues& values) = 0;
  /// Without parameters, by the simple protocol: one statement or several.
  virtual Result<Rows, StatementFailure> run_plain(const std::string& sql) = 0;
  /// COPY … FROM STDIN, with the data in its text format.
  virtual Result<Rows, StatementFailure> run_copy(const std::string& sql, std::string_view data) = 0;
  virtual bool is_open() const = 0;
  /// While nothing runs: false when the server has closed it.
  virtual bool is_alive() = 0;
};

/// By libpq alone: the driver's streams tell neither a SQLSTATE nor an end in both of its versions.
Result<Rows, StatementFailure> copy_in(PGconn* connection, const std::string& sql, std::string_view data);

/// Takes over a connection that was made.
std::unique_ptr<Link> make_link(PgConnection connection);

}  // namespace am::kernel
