// Making a connection, and why it could not be made, by libpq alone: the driver waits without an end, tells no SQLSTATE
// of a failed connect, and lets the server's notices out to stderr until it is connected.

#include <csignal>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "am/base/text.hpp"
#include "libpq.hpp"

namespace am::kernel {

namespace {

constexpr std::chrono::milliseconds kAfterTheKernel{500};

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

/// at_once: before anything was sent.
Error failure_of(PGconn* connection, const DbTarget& target, bool at_once) {
  const std::string text = PQerrorMessage(connection);
  const Refused refusal = find_sqlstate(text);
  if (!refusal.sqlstate.empty()) return refused_by_server(refusal, target);
  if (PQconnectionNeedsPassword(connection) != 0) {
    return {ErrorKind::denied, "database at " + target.where + ": a password is required, none was given",
            "put it into DATABASE_URL, or into ~/.pgpass"};
  }
  const bool attempted =
      text.find(" failed: ") != std::string::npos || text.find("host name") != std::string::npos;
  if (!attempted && at_once) {
    return {ErrorKind::config, "DATABASE_URL: " + primary_message(text), "check its parameters"};
  }
  if (text.find("SSL") != std::string::npos || text.find("certificate") != std::string::npos) {
    const Error plain = unreachable(text, target);
    return {ErrorKind::config, plain.message(), "check sslmode and sslrootcert in DATABASE_URL"};
  }
  return unreachable(text, target);
}

std::string text_of(const char* value) { return value == nullptr ? "" : value; }

/// What is being tried.
std::string address_of(const PGconn* connection) {
  return text_of(PQhost(connection)) + " " + text_of(PQhostaddr(connection)) + " " +
         text_of(PQport(connection));
}

/// Drives a started connection to its end. False: the time of one address is up, or all of it. (An address that does not
/// even take the connection is given up by the kernel, a little sooner, and libpq goes on with the next.)
bool drive(PGconn* connection, const DbTarget& target, const Wait& wait) {
  std::string address;
  std::optional<Wait> of_address;
  PostgresPollingStatusType state =
      PQstatus(connection) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED) {
    if (const std::string now = address_of(connection); !of_address || now != address) {
      address = now;
      of_address.emplace(wait.within(target.connect_timeout + kAfterTheKernel));
    }
    if (!of_address->for_events(PQsocket(connection), state == PGRES_POLLING_READING ? POLLIN : POLLOUT))
      return false;
    state = PQconnectPoll(connection);
  }
  return true;
}

/// The same without the host that is being tried.
std::string without_host_of(PGconn* connection, const std::string& conninfo) {
  struct Free {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
  };
  const std::unique_ptr<PQconninfoOption, Free> options(PQconninfo(connection));
  std::map<std::string, std::vector<std::string>> lists{{"host", {}}, {"hostaddr", {}}, {"port", {}}};
  for (const PQconninfoOption* each = options.get(); each != nullptr && each->keyword != nullptr; ++each) {
    if (const auto list = lists.find(each->keyword); list != lists.end() && text_of(each->val) != "")
      list->second = split(each->val, ',');
  }
  const auto holds = [&](const char* keyword, std::size_t i, const char* value) {
    const std::vector<std::string>& list = lists[keyword];
    return list.empty() || (list.size() == 1 ? list[0] : i < list.size() ? list[i] : "") == text_of(value);
  };
  const std::vector<std::string>& hosts = lists["host"].empty() ? lists["hostaddr"] : lists["host"];
  std::size_t at = 0;
  while (at < hosts.size() &&
         !(hosts[at] == text_of(PQhost(connection)) && holds("port", at, PQport(connection)) &&
           holds("hostaddr", at, PQhostaddr(connection))))
    ++at;
  std::string rest = conninfo;
  for (auto& [keyword, list] : lists) {
    if (list.size() < 2) continue;
    if (at < list.size()) list.erase(list.begin() + static_cast<std::ptrdiff_t>(at));
    append_option(rest, keyword, join(list, ","));  // of one that is given twice libpq takes the last
  }
  return rest;
}

PgConnection connect_here(const DbTarget& target, const Wait& wait) {
  std::string conninfo = target.conninfo;
  for (std::size_t left = target.hosts;; --left) {
    PgConnection connection(PQconnectStart(conninfo.c_str()));
    if (!connection)
      throw Error(ErrorKind::unavailable, "database at " + target.where + ": no connection (out of memory)");
    const bool at_once = PQstatus(connection.get()) == CONNECTION_BAD;
    PQsetNoticeProcessor(connection.get(), [](void*, const char*) {}, nullptr);
    PQsetErrorVerbosity(connection.get(), PQERRORS_VERBOSE);
    if (drive(connection.get(), target, wait)) {
      if (PQstatus(connection.get()) != CONNECTION_OK) throw failure_of(connection.get(), target, at_once);
      PQsetErrorVerbosity(connection.get(), PQERRORS_DEFAULT);
      return connection;
    }
    if (left <= 1 || wait.is_over()) wait.give_up(unreachable("timed out", target));
    conninfo = without_host_of(connection.get(), conninfo);
  }
}

/// What a thread that connects works with, also after nobody waits for it any more.
struct ConnectAttempt {
  explicit ConnectAttempt(DbTarget to) : target(std::move(to)) {}

  const DbTarget target;
  Stop given_up;
  PgConnection connection;
  std::optional<Error> error;
};

/// Looking up a name can't be interrupted.
PgConnection connect_apart(const DbTarget& target, const Wait& wait) {
  const auto attempt = std::make_shared<ConnectAttempt>(target);
  const bool ended = run_apart(
      [attempt] {
        try {
          attempt->connection = connect_here(attempt->target, Wait(&attempt->given_up));
        } catch (const Error& error) {
          attempt->error = error;
        } catch (const std::exception& error) {
          attempt->error = Error(ErrorKind::bug, std::string("database: ") + error.what());
        }
      },
      wait);
  if (!ended) {
    attempt->given_up.request(SIGTERM);
    wait.give_up(unreachable("timed out", target));
  }
  if (attempt->error) throw Error(*attempt->error);
  return std::move(attempt->connection);
}

}  // namespace

std::chrono::milliseconds longest_connect(const DbTarget& target) {
  return (target.connect_timeout + kAfterTheKernel) * (target.hosts + 1);
}

PgConnection connect(const DbTarget& target, const Wait& wait) {
  return target.has_names ? connect_apart(target, wait) : connect_here(target, wait);
}

}  // namespace am::kernel
