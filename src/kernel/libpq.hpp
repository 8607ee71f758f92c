#pragma once
// A connection by libpq alone: how every connection is made (with a deadline, ended by a signal, without a notice on
// stderr), and what the driver can't do (pipelines). Private.

#include <memory>

#include <libpq-fe.h>

#include "db_errors.hpp"
#include "db_url.hpp"
#include "wait.hpp"

namespace am::kernel {

struct PgFinish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using PgConnection = std::unique_ptr<PGconn, PgFinish>;

struct PgClear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PgResult = std::unique_ptr<PGresult, PgClear>;

/// How long connecting may take in all: the target's timeout for each of its hosts, and once more for a host with two
/// addresses.
std::chrono::milliseconds longest_connect(const DbTarget& target);

/// Each address of each host gets the target's timeout, then the next is tried.
/// Errors:  as open_db; as Stop::check when the wait was ended by it.
PgConnection connect(const DbTarget& target, const Wait& wait);

}  // namespace am::kernel
