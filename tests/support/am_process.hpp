#pragma once
// The real `am` with a database and vendors of the test: what the process-level tests share.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "support/loopback_server.hpp"
#include "support/pg.hpp"
#include "support/process.hpp"

namespace am::test {

/// A Monday, five minutes after the weekly run is due.
inline const std::string kDeskNow = "2026-01-26T14:05:00Z";

/// What a bare scheduler gives, the database, and picks and prices from files (tests/fixtures/desk).
std::map<std::string, std::string> desk_env(const TestDb& home);

/// The two vendors on one local server: picks for every question, the same closes for every symbol.
LoopbackServer::Answer vendors(const LoopbackServer::Request& request);
/// What a bare scheduler gives, the database, and the keys and addresses of that server.
std::map<std::string, std::string> vendor_env(const TestDb& home, const LoopbackServer& server);

/// Runs the built `am` to its end.
Finished am(const std::vector<std::string>& args, const std::map<std::string, std::string>& env);

/// Waits until a query's value is not "" or "f"; false after a minute.
bool wait_until(kernel::Db& db, const std::string& query);

/// Waits until the process has its own handler of SIGTERM; false after a minute.
bool wait_until_signals_are_handled(const Process& process);

/// Waits until the process has that file open; false after a minute.
bool wait_until_open(const Process& process, const std::string& path);

/// A directory that goes with the test.
class Directory {
 public:
  Directory();
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  /// Writes a file and returns its path.
  std::string file(const std::string& name, const std::string& text) const;
  /// Makes a pipe that nobody writes to and returns its path.
  std::string pipe(const std::string& name) const;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace am::test
