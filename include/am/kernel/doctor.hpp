#pragma once
// Checks of what am needs besides its own code: the machine, the files that hold secrets, the database, the hosts of
// the vendors. They look and never change anything, spend no quota, and repeat no secret. What to check for a given
// configuration is the command's to say (src/cli/ops/cmd_doctor.cpp).
//
// Errors:  none: what goes wrong is a check's result. A check that needs another one's success is `skipped`.

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "am/kernel/clock.hpp"
#include "am/kernel/db.hpp"
#include "am/kernel/http_client.hpp"

namespace am::kernel {

struct Check {
  enum class State { ok, warning, failed, skipped } state = State::ok;
  std::string name;    ///< "database schema"
  std::string detail;  ///< lower case, no full stop
  std::string hint{};  ///< what to do; a warning and a failure have one
};
/// "ok", "warning", "failed", "skipped".
std::string_view check_state_name(Check::State state);

/// A check that passed, and what a check is that `error` ended.
Check passed(std::string name, std::string detail);
Check warned(std::string name, std::string detail, std::string hint);
Check failed(std::string name, std::string detail, std::string hint);
Check skipped(std::string name, std::string reason);
Check failed_by(std::string name, const Error& error);

/// Zone data, CA certificates, the clock, what tells that a process is gone; libcurl, when `with_libcurl`.
std::vector<Check> check_machine(bool with_libcurl);

/// Whether group or others may read the file, and whose it is.
Check check_secret_file(const std::string& name, const std::string& path);

/// Reachability, TLS, pooler, writability, schema, privileges, clock, connections left: always the same names, those
/// after a failure that they depend on `skipped`.
/// tables:  "public.batches": what a role needs privileges on, besides the schemas ops and market.
std::vector<Check> check_database(const DbOptions& options, const Clock& clock,
                                  std::span<const std::string_view> tables);
/// The same names, all skipped.
std::vector<Check> skip_database(const std::string& reason);

/// A host that the configuration uses. `url` is cut down to scheme, host and port: no path, no query, no user.
struct ProbedHost {
  std::string name;  ///< "openai"
  std::string url;
};
/// Connects (TCP, TLS) and sends nothing. Longer than `in_all` together: the rest is skipped.
std::vector<Check> check_hosts(Transport& transport, const std::vector<ProbedHost>& hosts,
                               std::chrono::milliseconds each = std::chrono::seconds(5),
                               std::chrono::milliseconds in_all = std::chrono::seconds(15));

}  // namespace am::kernel
