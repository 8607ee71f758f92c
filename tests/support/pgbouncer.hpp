#pragma once
// A PgBouncer in transaction mode in front of the test cluster, on a Unix socket of its own: what a managed,
// pooled PostgreSQL looks like to am. Runs as the cluster's user, since it refuses root.

#include <string>

#include <sys/types.h>

namespace am::test {

class PgBouncer {
 public:
  /// Errors:  std::runtime_error: no pgbouncer installed, or it does not come up.
  /// database: the only one it serves; "*": all.
  /// mode: transaction, session, statement.
  explicit PgBouncer(int pool_size, const std::string& database = "*",
                     const std::string& mode = "transaction");
  ~PgBouncer();
  PgBouncer(const PgBouncer&) = delete;
  PgBouncer& operator=(const PgBouncer&) = delete;

  std::string url(const std::string& database) const;

 private:
  void start(const std::string& program, const std::string& config, uid_t user, gid_t group);
  void stop();

  std::string directory_;
  pid_t pid_ = -1;
};

}  // namespace am::test
