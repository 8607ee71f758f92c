#pragma once
// A connection by libpq alone, with a deadline: for what the driver can't do (telling why a connect failed,
// pipelines). Private.

#include <chrono>
#include <memory>

#include <libpq-fe.h>

#include "db_errors.hpp"

namespace am::kernel {

struct PgFinish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using PgConnection = std::unique_ptr<PGconn, PgFinish>;

struct PgClear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PgResult = std::unique_ptr<PGresult, PgClear>;

using Deadline = std::chrono::steady_clock::time_point;

/// Waits for POLLIN or POLLOUT (or both). False: time is up.
bool wait_for(PGconn* connection, short events, Deadline deadline);

/// Errors:  as open_db.
PgConnection connect(const DbTarget& target, Deadline deadline);

}  // namespace am::kernel
