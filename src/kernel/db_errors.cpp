#include "db_errors.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <span>

#include "am/base/text.hpp"

namespace am::kernel {

namespace {

constexpr std::string_view kMigrate = "run: am migrate";
constexpr std::string_view kRunAgain = "run the same command again";

/// Those of these words that the statement has: "INSERT, UPDATE". Counting too many is harmless in a hint.
std::string words_in(std::string_view sql, std::span<const std::string_view> words) {
  std::string found;
  std::string word;
  const std::string text = to_upper(sql) + " ";
  for (const char c : text) {
    if (std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_') {
      word += c;
      continue;
    }
    const bool asked = std::find(words.begin(), words.end(), word) != words.end();
    if (asked && found.find(word) == std::string::npos) found += (found.empty() ? "" : ", ") + word;
    word.clear();
  }
  return found;
}

/// "table runs" as the statement names it: "table ops.runs". The server's message leaves the schema out.
std::string with_schema(std::string_view object, std::string_view sql) {
  const std::size_t space = object.find(' ');
  const std::string name = "." + std::string(object.substr(space + 1));
  const auto in_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  for (std::size_t at = sql.find(name); at != std::string_view::npos; at = sql.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    std::size_t begin = at;
    while (begin > 0 && in_name(sql[begin - 1])) --begin;
    if (begin == at || (end < sql.size() && in_name(sql[end]))) continue;
    return std::string(object.substr(0, space + 1)) + std::string(sql.substr(begin, end - begin));
  }
  return std::string(object);
}

/// In quotes where it is more than a plain word.
std::string role_text(std::string_view name) {
  const bool plain =
      !name.empty() && (name[0] < '0' || name[0] > '9') && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
      });
  return plain ? std::string(name) : quoted_identifier(name);
}

/// The grant that is missing, from "permission denied for table batches".
std::string grant_hint(std::string_view message, std::string_view sql, std::string_view user) {
  const std::string to = user.empty() ? "this role" : role_text(user);
  const std::size_t at = message.find(" for ");
  if (message.starts_with("permission denied") && at != std::string_view::npos) {
    constexpr std::array<std::string_view, 5> kOfTables = {"SELECT", "INSERT", "UPDATE", "DELETE",
                                                           "TRUNCATE"};
    constexpr std::array<std::string_view, 1> kOfMigrations = {"CREATE"};
    const std::string object = with_schema(message.substr(at + 5), sql);
    const std::string on = " on " + object + " to " + to;
    if (object.starts_with("table ") || object.starts_with("view ")) {
      const std::string privileges = sql.starts_with("COPY ") ? "INSERT" : words_in(sql, kOfTables);
      return "as the owner: grant " + (privileges.empty() ? "the privilege" : privileges) + on;
    }
    if (object.starts_with("schema ")) {
      return std::string("as the owner: grant usage") +
             (words_in(sql, kOfMigrations).empty() ? "" : ", create") + on;
    }
    if (object.starts_with("database ")) return "as the owner: grant create" + on;
    if (object.starts_with("sequence ")) return "as the owner: grant usage" + on;
    if (object.starts_with("function ")) return "as the owner: grant execute" + on;
  }
  return "run it as the role that owns the tables, or grant " + to + " what is missing";
}

Error read_only_refused(const Refusal& refusal, const std::string& message) {
  if (refusal.read_only) return {ErrorKind::bug, message};
  return {
      ErrorKind::denied, message,
      "this role or server only reads (default_transaction_read_only, or a standby): use one that may write"};
}

/// Messages of class 22 end in the value: invalid input syntax for type date: "x".
std::string without_value(std::string message) {
  if (const std::size_t quote = message.find(": \""); quote != std::string::npos) message.resize(quote);
  return message;
}

/// PgBouncer ends the connection at a BEGIN.
std::optional<Error> refused_by_pooler(std::string_view text) {
  if (text.find("statement pooling mode") == std::string_view::npos) return std::nullopt;
  return Error(ErrorKind::config, "database: the pooler is in statement mode, which allows no transactions",
               "set pool_mode = transaction for this database in the pooler's configuration");
}

}  // namespace

std::string quoted_identifier(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    quoted += c;
    if (c == '"') quoted += c;
  }
  return quoted + "\"";
}

std::string primary_message(std::string_view text) {
  text = trim(text.substr(0, text.find('\n')));
  // Severity, in whatever language: "ERROR:  …".
  if (const std::size_t colon = text.find(":  "); colon < 16) text = trim(text.substr(colon + 3));
  while (text.ends_with('.')) text.remove_suffix(1);
  std::string message(text);
  // An acronym keeps its case.
  const auto upper = [&](std::size_t i) {
    return i < message.size() && std::isupper(static_cast<unsigned char>(message[i])) != 0;
  };
  if (upper(0) && !upper(1))
    message[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(message[0])));
  return message;
}

Error connection_lost(std::string_view text) {
  if (const auto pooler = refused_by_pooler(text)) return Error(*pooler);
  const std::string reason = primary_message(text);
  return {ErrorKind::unavailable, "database: connection lost" + (reason.empty() ? "" : " (" + reason + ")"),
          std::string(kRunAgain)};
}

Error refused(const Refusal& refusal) {
  if (const auto pooler = refused_by_pooler(refusal.text)) return Error(*pooler);
  const std::string_view state = refusal.sqlstate;
  const std::string cls(state.substr(0, 2));
  const std::string primary = primary_message(refusal.text);
  const std::string message = "database: " + primary;

  if (state == "42501") return {ErrorKind::denied, message, grant_hint(primary, refusal.sql, refusal.user)};
  if (cls == "28") return {ErrorKind::denied, message, "check the user and password in DATABASE_URL"};
  if (state == "25006") return read_only_refused(refusal, message);

  if (cls == "40") return {ErrorKind::unavailable, message, std::string(kRunAgain)};
  if (state == "55P03")
    return {
        ErrorKind::unavailable, message,
        "another session holds the lock (see pg_locks and pg_blocking_pids): run again when it is over, or raise "
        "database.lock_timeout_ms"};
  if (state == "57014")
    return {ErrorKind::unavailable, message,
            "run again; or raise database.statement_timeout_ms, or the role's statement_timeout"};
  if (state == "53100") return {ErrorKind::unavailable, message, "free space on the database server"};
  if (cls == "53")
    return {ErrorKind::unavailable, message, "the database server is short of resources: run again later"};
  if (cls == "57" || cls == "58" || cls == "08" || state == "25P03")
    return {ErrorKind::unavailable, message, std::string(kRunAgain)};

  if (state == "3D000") return {ErrorKind::config, message, "check the database name in DATABASE_URL"};
  if (state == "42P01" || state == "42703" || state == "3F000")
    return {ErrorKind::config, message, std::string(kMigrate)};
  if (state == "42P07" || state == "42P06" || state == "42710" || state == "42701") {
    return {ErrorKind::config, message,
            "it was not made by am migrate: use an empty database, or move it away"};
  }

  if (cls == "23") return {ErrorKind::data, message};
  if (cls == "22") return {ErrorKind::data, without_value(message)};
  return {ErrorKind::bug, message + (state.empty() ? "" : " (SQLSTATE " + std::string(state) + ")")};
}

}  // namespace am::kernel
