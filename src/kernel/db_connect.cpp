// Where a connection goes and why it could not be made, by libpq alone: the driver's exceptions carry no
// SQLSTATE for a failed connect, and their text can hold pieces of the URL.

#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <memory>

#include <poll.h>

#include "am/base/text.hpp"
#include "db_errors.hpp"
#include "libpq.hpp"

namespace am::kernel {

namespace {

constexpr const char* kUrlHint =
    "postgresql://user:password@host:port/database; in a password write @ as %40, / as %2F, : as %3A, % as "
    "%25";

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

Options parse_options(const std::string& url) {
  char* problem = nullptr;
  Options options(PQconninfoParse(url.c_str(), &problem));
  PQfreemem(problem);  // repeats the URL, password and all
  return options;
}

std::string option(const PQconninfoOption* options, std::string_view keyword) {
  for (; options->keyword != nullptr; ++options) {
    if (options->keyword == keyword) return options->val == nullptr ? "" : options->val;
  }
  return {};
}

std::string env(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void append_option(std::string& conninfo, std::string_view keyword, std::string_view value) {
  conninfo.append(keyword).append("='");
  for (const char c : value) {
    if (c == '\'' || c == '\\') conninfo += '\\';
    conninfo += c;
  }
  conninfo += "' ";
}

/// An unescaped @ or / in a password moves its rest into the host, the port or the database name, and so
/// into error messages.
bool parts_look_wrong(const PQconninfoOption* options) {
  return option(options, "host").find('@') != std::string::npos ||
         option(options, "dbname").find('@') != std::string::npos ||
         option(options, "port").find_first_not_of("0123456789,") != std::string::npos;
}

/// "FATAL:  28P01: password authentication failed …", as PQERRORS_VERBOSE writes it.
struct Refused {
  std::string sqlstate;
  std::string message;
};

Refused find_sqlstate(std::string_view text) {
  const auto is_code = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); };
  for (std::size_t at = text.find(":  "); at != std::string_view::npos; at = text.find(":  ", at + 1)) {
    const std::string_view rest = text.substr(at + 3);
    if (rest.size() < 8 || rest.substr(5, 2) != ": ") continue;
    bool code = true;
    for (const char c : rest.substr(0, 5)) code = code && is_code(c);
    if (code) return {std::string(rest.substr(0, 5)), primary_message(rest.substr(7))};
  }
  return {};
}

Error refused_by_server(const Refused& refusal, const DbTarget& target) {
  const std::string message = "database at " + target.where + ": " + refusal.message;
  const auto says = [&](std::string_view words) { return refusal.message.find(words) != std::string::npos; };
  const std::string& state = refusal.sqlstate;

  // PgBouncer used 08P01 for everything for years.
  if (state == "3D000" || (state == "08P01" && says("no such database"))) {
    return {ErrorKind::config, message,
            "check the database name in DATABASE_URL, or create the database: createdb NAME"};
  }
  if (state == "42501")
    return {ErrorKind::denied, message, "as the owner: grant connect on the database to this role"};
  if (state.starts_with("28") ||
      (state == "08P01" && (says("authentication failed") || says("no such user")))) {
    return {ErrorKind::denied, message,
            "check the user and password in DATABASE_URL, and the server's pg_hba.conf"};
  }
  if (state == "53300")
    return {ErrorKind::unavailable, message, "wait, raise max_connections, or connect through a pooler"};
  if (state == "57P03")
    return {ErrorKind::unavailable, message, "the server is starting, stopping or recovering: run again"};
  if (says("unsupported startup parameter") || state == "22023" || state == "42704") {
    return {ErrorKind::config, message,
            "take the parameter out of DATABASE_URL (and PGOPTIONS): the server or pooler refuses it"};
  }
  return {ErrorKind::unavailable, message, "run again; if it stays, the server's log says more"};
}

Error unreachable(std::string_view text, const DbTarget& target) {
  std::string_view reason = trim(text);
  if (const std::size_t failed = reason.rfind(" failed: "); failed != std::string_view::npos)
    reason = reason.substr(failed + 9);
  return {ErrorKind::unavailable,
          "database at " + target.where + ": no connection (" + primary_message(reason) + ")",
          "start it, or check host and port in DATABASE_URL"};
}

/// Drives a started connection to its end. False: time is up.
bool drive(PGconn* connection, Deadline deadline) {
  PostgresPollingStatusType state =
      PQstatus(connection) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED) {
    const short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (!wait_for(connection, events, deadline)) return false;
    state = PQconnectPoll(connection);
  }
  return true;
}

Error failure_of(PGconn* connection, const DbTarget& target) {
  const std::string text = PQerrorMessage(connection);
  const Refused refusal = find_sqlstate(text);
  if (!refusal.sqlstate.empty()) return refused_by_server(refusal, target);
  if (PQconnectionNeedsPassword(connection) != 0) {
    return {ErrorKind::denied, "database at " + target.where + ": a password is required, none was given",
            "put it into DATABASE_URL, or into ~/.pgpass"};
  }
  const bool attempted =
      text.find(" failed: ") != std::string::npos || text.find("host name") != std::string::npos;
  if (!attempted && PQping(target.conninfo.c_str()) == PQPING_NO_ATTEMPT) {
    return {ErrorKind::config, "DATABASE_URL: " + primary_message(text), std::string("expected ") + kUrlHint};
  }
  if (text.find("SSL") != std::string::npos || text.find("certificate") != std::string::npos) {
    const Error plain = unreachable(text, target);
    return {ErrorKind::config, plain.message(), "check sslmode and sslrootcert in DATABASE_URL"};
  }
  return unreachable(text, target);
}

}  // namespace

DbTarget parse_target(const DbOptions& options) {
  if (trim(options.url).empty()) {
    throw Error(ErrorKind::config, "DATABASE_URL: not set",
                "set it to postgresql://user:password@host:port/database");
  }
  const Options parsed = options.url.find('\0') == std::string::npos ? parse_options(options.url) : nullptr;
  if (!parsed) throw Error(ErrorKind::config, "DATABASE_URL: malformed", std::string("expected ") + kUrlHint);
  if (parts_look_wrong(parsed.get())) {
    throw Error(ErrorKind::config, "DATABASE_URL: malformed (host, port or database name)",
                std::string("expected ") + kUrlHint);
  }

  DbTarget target;
  for (const PQconninfoOption* each = parsed.get(); each->keyword != nullptr; ++each) {
    const std::string_view keyword = each->keyword;
    if (each->val != nullptr && keyword != "client_encoding")
      append_option(target.conninfo, keyword, each->val);
  }
  append_option(target.conninfo, "client_encoding", "UTF8");
  if (option(parsed.get(), "connect_timeout").empty()) {
    append_option(target.conninfo, "connect_timeout", std::to_string(options.connect_timeout_s));
  }
  if (option(parsed.get(), "application_name").empty())
    append_option(target.conninfo, "application_name", options.application_name);

  std::string host = option(parsed.get(), "host");
  if (host.empty()) host = option(parsed.get(), "hostaddr");
  if (host.empty()) host = env("PGHOST");
  std::string port = option(parsed.get(), "port");
  if (port.empty()) port = env("PGPORT");
  target.where = (host.empty() ? "the local socket" : host) + (port.empty() ? "" : ":" + port);
  target.user = option(parsed.get(), "user");
  return target;
}

bool wait_for(PGconn* connection, short events, Deadline deadline) {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd fd{PQsocket(connection), events, 0};
    const int ready = poll(&fd, 1, static_cast<int>(left.count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return true;  // the next call on the connection says what is wrong
  }
}

PgConnection connect(const DbTarget& target, Deadline deadline) {
  PgConnection connection(PQconnectStart(target.conninfo.c_str()));
  if (!connection)
    throw Error(ErrorKind::unavailable, "database at " + target.where + ": no connection (out of memory)");
  PQsetErrorVerbosity(connection.get(), PQERRORS_VERBOSE);
  if (!drive(connection.get(), deadline)) throw unreachable("timed out", target);
  if (PQstatus(connection.get()) != CONNECTION_OK) throw failure_of(connection.get(), target);
  return connection;
}

Error connect_error(const DbTarget& target, int timeout_s) {
  try {
    connect(target, std::chrono::steady_clock::now() + std::chrono::seconds(timeout_s));
  } catch (const Error& error) {
    return error;
  }
  return unreachable("lost while connecting", target);
}

}  // namespace am::kernel
