#include "am/strategy/strategies.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/base/uuid.hpp"
#include "am/kernel/ids.hpp"
#include "am/strategy/sessions.hpp"

namespace am::strategy {

using kernel::Row;
using kernel::Rows;
using kernel::sql_values;

namespace {

constexpr std::string_view kStrategyColumns =
    "SELECT t.id::text AS id, t.user_id::text AS user_id, u.email, t.name, t.symbol, t.language, t.code, t.params::text AS params, "
    "(extract(epoch FROM t.created_at) * 1000000)::bigint AS created_at, (extract(epoch FROM t.retired_at) * 1000000)::bigint AS "
    "retired_at, n.running, n.sessions FROM trading.strategies t JOIN trading.users u ON u.id = t.user_id, LATERAL (SELECT count(*) "
    "FILTER (WHERE status = 'RUNNING') AS running, count(*) AS sessions FROM trading.sessions s WHERE s.strategy_id = t.id) n ";

StrategyRow strategy_of(const Row& row) {
  return {.id = row.text("id"),
          .user_id = row.text("user_id"),
          .user = row.text("email"),
          .spec = {.name = row.text("name"),
                   .language = row.text("language"),
                   .code = row.text("code"),
                   .params = row.text("params")},
          .symbol = row.text("symbol"),
          .created_at = row.micros("created_at"),
          .retired_at = row.maybe_micros("retired_at"),
          .running = static_cast<int>(row.integer("running")),
          .sessions = static_cast<int>(row.integer("sessions"))};
}

User user_of(const Row& row) {
  return {.id = row.text("id"),
          .email = row.text("email"),
          .cash = row.decimal("cash"),
          .reserved = row.decimal("reserved")};
}

Rows user_rows(kernel::Sql& sql, std::string_view email) {
  return sql.query(
      "SELECT id::text AS id, email, virtual_balance::text AS cash, reserved::text AS reserved FROM trading.users WHERE email = $1",
      sql_values(email));
}

void check_email(std::string_view email) {
  constexpr std::size_t kLongest = 254;
  const std::size_t at = email.find('@');
  const bool fits = at != std::string_view::npos && at > 0 && at + 1 < email.size() &&
                    email.size() <= kLongest && is_printable(email) &&
                    email.find(' ') == std::string_view::npos;
  if (!fits) throw Error(ErrorKind::usage, "user " + shown(email) + ": no e-mail address");
}

bool is_name(std::string_view name) {
  constexpr std::size_t kLongest = 63;
  const auto plain = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  };
  return !name.empty() && name.size() <= kLongest && plain(name[0]) &&
         std::ranges::all_of(name, [&](char c) { return plain(c) || c == '_' || c == '.' || c == '-'; });
}

void check(const NewStrategy& strategy) {
  const StrategySpec& spec = strategy.spec;
  // A session is named by its id or by its strategy.
  if (!is_name(spec.name) || canonical_uuid(spec.name))
    throw Error(ErrorKind::usage,
                "strategy " + shown(spec.name) +
                    ": no name (expected up to 63 letters, digits, '_', '.', '-', a letter or digit first)");
  if (spec.language != "builtin" && spec.language != "python")
    throw Error(ErrorKind::usage, "language " + shown(spec.language) + " (expected builtin or python)");
  if (trim(spec.code).empty())
    throw Error(ErrorKind::usage, "strategy " + spec.name + ": its program is empty");
  if (spec.code.size() > kMostCode)
    throw Error(ErrorKind::usage, "strategy " + spec.name + ": its program is too long (expected " +
                                      std::to_string(kMostCode) + " bytes at most, got " +
                                      std::to_string(spec.code.size()) + ")");
  if (!is_valid_utf8(spec.code) || spec.code.find('\0') != std::string::npos)
    throw Error(ErrorKind::usage, "strategy " + spec.name + ": its program is no text in UTF-8");
  if (!nlohmann::json::parse(spec.params, nullptr, false).is_object())
    throw Error(ErrorKind::usage,
                "strategy " + spec.name + ": its parameters are no JSON object, such as {\"period\": 15}");
  if (spec.language == "builtin") make_builtin(spec, strategy.symbol);
}

std::optional<StrategyRow> find_strategy(kernel::Sql& sql, const std::string& user_id,
                                         const std::string& name) {
  const Rows rows = sql.query(
      std::string(kStrategyColumns) + "WHERE t.user_id = $1::uuid AND t.name = $2 AND t.retired_at IS NULL",
      sql_values(user_id, name));
  return rows.empty() ? std::nullopt : std::optional(strategy_of(rows[0]));
}

/// Whether it says the same, parameters as PostgreSQL compares JSON.
bool is_same(kernel::Sql& sql, const StrategyRow& row, const StrategySpec& spec, const std::string& symbol) {
  if (row.spec.language != spec.language || row.spec.code != spec.code || row.symbol != symbol) return false;
  const Rows rows =
      sql.query("SELECT $1::jsonb = $2::jsonb AS same", sql_values(row.spec.params, spec.params));
  return rows.only().boolean("same");
}

/// Retires it, under the lock that a start takes; or removes it, if it never had a session. Returns how it is now.
StrategyRow retire(kernel::Transaction& tx, const StrategyRow& found) {
  tx.query("SELECT id FROM trading.strategies WHERE id = $1::uuid FOR UPDATE", sql_values(found.id));
  const StrategyRow row = load_strategy_by_id(tx, found.id);
  if (row.sessions == 0)
    tx.query("DELETE FROM trading.strategies WHERE id = $1::uuid", sql_values(row.id));
  else
    tx.query(
        "UPDATE trading.strategies SET retired_at = clock_timestamp() WHERE id = $1::uuid AND retired_at IS NULL",
        sql_values(row.id));
  return row;
}

}  // namespace

User ensure_user(kernel::Transaction& tx, std::string_view email) {
  check_email(email);
  const Rows made = tx.query(
      "INSERT INTO trading.users (id, email, virtual_balance, created_at, updated_at) VALUES ($1::uuid, $2, $3::numeric, "
      "clock_timestamp(), clock_timestamp()) ON CONFLICT (email) DO NOTHING RETURNING id::text AS id",
      sql_values(kernel::new_id(), email, kDeposit));
  if (!made.empty())
    tx.query(
        "INSERT INTO trading.cash_entries (user_id, kind, amount, balance, created_at) VALUES ($1::uuid, 'deposit', $2::numeric, "
        "$2::numeric, clock_timestamp())",
        sql_values(made[0].text("id"), kDeposit));
  return load_user(tx, email);
}

User load_user(kernel::Sql& sql, std::string_view email) {
  const Rows rows = user_rows(sql, email);
  if (rows.empty())
    throw Error(ErrorKind::no_input, "no user " + shown(email),
                "one is made with its first strategy: am strategy add");
  return user_of(rows[0]);
}

AddedStrategy add_strategy(kernel::Transaction& tx, const NewStrategy& strategy) {
  check(strategy);
  const std::string symbol = tradable_symbol(strategy.symbol, asset_of_symbol(strategy.symbol));
  const User user = ensure_user(tx, strategy.user);
  // One change of a user's strategies at a time.
  tx.query("SELECT id FROM trading.users WHERE id = $1::uuid FOR NO KEY UPDATE", sql_values(user.id));
  AddedStrategy added;
  if (const auto found = find_strategy(tx, user.id, strategy.spec.name)) {
    if (is_same(tx, *found, strategy.spec, symbol))
      return {.id = found->id, .what = AddedStrategy::What::same, .running = 0};
    added.running = retire(tx, *found).running;
    added.what = AddedStrategy::What::replaced;
  }
  added.id = kernel::new_id();
  tx.query(
      "INSERT INTO trading.strategies (id, user_id, name, symbol, language, code, params, created_at) VALUES ($1::uuid, $2::uuid, "
      "$3, $4, $5, $6, $7::jsonb, clock_timestamp())",
      sql_values(added.id, user.id, strategy.spec.name, symbol, strategy.spec.language, strategy.spec.code,
                 strategy.spec.params));
  return added;
}

StrategyRow load_strategy(kernel::Sql& sql, std::string_view user, std::string_view name) {
  const std::vector<StrategyRow> all = list_strategies(sql, user);
  std::vector<std::string> names;
  for (const StrategyRow& row : all) {
    if (row.spec.name == name) return row;
    names.push_back(row.spec.name);
  }
  const std::string near = nearest_name(name, names);
  throw Error(ErrorKind::no_input, "no strategy " + shown(name),
              near.empty() ? "list them with: am strategy list" : "did you mean " + near + "?");
}

StrategyRow load_strategy_by_id(kernel::Sql& sql, const std::string& id) {
  const auto uuid = canonical_uuid(id);
  const Rows rows =
      uuid ? sql.query(std::string(kStrategyColumns) + "WHERE t.id = $1::uuid", sql_values(*uuid)) : Rows{};
  if (rows.empty()) throw Error(ErrorKind::no_input, "no strategy " + shown(id));
  return strategy_of(rows[0]);
}

std::vector<StrategyRow> list_strategies(kernel::Sql& sql, std::string_view user) {
  const Rows rows = sql.query(
      std::string(kStrategyColumns) +
          "WHERE t.retired_at IS NULL AND ($1 = '' OR u.email = $1) ORDER BY t.name COLLATE \"C\", u.email COLLATE \"C\"",
      sql_values(user));
  std::vector<StrategyRow> all;
  for (const Row row : rows) all.push_back(strategy_of(row));
  return all;
}

StrategyRow remove_strategy(kernel::Transaction& tx, std::string_view user, std::string_view name) {
  StrategyRow row = retire(tx, load_strategy(tx, user, name));
  // Of any version of it.
  const Rows running = tx.query(
      "SELECT count(*) AS n FROM trading.sessions s JOIN trading.strategies t ON t.id = s.strategy_id WHERE t.user_id = $1::uuid AND "
      "t.name = $2 AND s.status = 'RUNNING'",
      sql_values(row.user_id, row.spec.name));
  row.running = static_cast<int>(running.only().integer("n"));
  if (row.running > 0)
    throw Error(
        ErrorKind::busy,
        "strategy " + row.spec.name + ": " + std::to_string(row.running) + " of its sessions " +
            (row.running == 1 ? "runs" : "run"),
        row.running == 1
            ? "stop it first: am strategy stop " + row.spec.name
            : "stop them first; their ids: am strategy sessions --status RUNNING --strategy " + row.spec.name)
        .final();
  return row;
}

}  // namespace am::strategy
