#pragma once
// A database of its own for each test, on the private cluster of the test run (scripts/pg-cluster): a migrated one is
// borrowed (pg_pool.hpp), another one made and dropped. Without a cluster a test fails, it never skips.

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "am/kernel/db.hpp"
#include "am/kernel/migrations.hpp"

namespace am::test {

/// The superuser's URL of the cluster: $AM_TEST_PG_URL, else the content of $AM_TEST_PG_DIR/url.
/// Errors:  std::runtime_error that says how to run the tests.
std::string cluster_url();

/// For what the tests themselves ask.
std::unique_ptr<kernel::Db> open_url(const std::string& url,
                                     std::function<void(std::string_view)> probe = {});

/// And waits until they have ended.
void end_connections_to(kernel::Sql& cluster, const std::string& database);

/// Of this process, and another one each time.
std::string unique_suffix();

/// The same URL with another database.
std::string with_database(const std::string& url, const std::string& database);

class TestDb {
 public:
  enum class Content { migrated, empty };
  /// encoding: of an empty one ("LATIN1").
  explicit TestDb(Content content = Content::migrated, const std::string& encoding = "UTF8");
  ~TestDb();
  TestDb(const TestDb&) = delete;
  TestDb& operator=(const TestDb&) = delete;

  const std::string& name() const { return name_; }
  std::string url() const;
  /// For the program under test: under a search_path that finds nothing, so that every name needs its schema.
  std::string url_elsewhere() const;
  /// The URL for a role of this cluster.
  std::string url_as(const std::string& role, const std::string& password = {}) const;
  std::unique_ptr<kernel::Db> open(std::function<void(std::string_view)> probe = {}) const;

  /// Ends every connection to it, as a server that restarts does.
  void end_connections() const;

  /// A new role that may log in and has just these grants, each "SELECT ON batches"; dropped with the
  /// database.
  std::string create_role(const std::vector<std::string>& grants, const std::string& attributes = {});

 private:
  std::string name_;
  std::unique_ptr<kernel::Db> keeper_;  ///< of a borrowed one: while it is connected nobody else borrows it
  std::vector<std::string> roles_;
};

/// When the server breaks a connection.
enum class Break { in_statement, at_commit };
/// The server ends the connection that does this to that table ("UPDATE", "ops.steps"), once: in the middle of the
/// statement, or at its COMMIT, which then has not happened.
void break_once(kernel::Sql& sql, const std::string& event, const std::string& table, Break when);

/// What a Migrator needs besides a database. Keeps its log as text.
struct MigratorBed {
  std::ostringstream out;
  kernel::Log log{out, {}};
  kernel::Stop stop;

  kernel::Migrator over(kernel::Db& db, std::vector<kernel::Migration> files = kernel::embedded_migrations(),
                        std::chrono::milliseconds max_wait = std::chrono::seconds(20)) {
    return {db, log, stop, std::move(files), max_wait};
  }
};

/// The newest of the program's own.
inline int newest_version() { return static_cast<int>(kernel::embedded_migrations().size()); }

/// Every table, column, constraint and index outside the system's schemas and ops.migrations, as text.
std::string dump_schema(kernel::Sql& sql);

/// The first column of the first row as text; "" for NULL.
std::string value_of(kernel::Sql& sql, std::string_view query, const kernel::SqlValues& values = {});

}  // namespace am::test
