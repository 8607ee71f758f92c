#pragma once
// Users and strategies as rows. What a session trades with never changes under it: another text under the same name is
// another row, and the one of before is retired, which its sessions still name.
//
// Errors:  those of Sql::query; what else, is said.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/date.hpp"
#include "am/base/decimal.hpp"
#include "am/kernel/db.hpp"
#include "am/strategy/strategy.hpp"
#include "am/strategy/types.hpp"

namespace am::strategy {

/// Whose sessions and cash they are where nobody says so.
inline constexpr std::string_view kDefaultUser = "trader@localhost";
/// What a user begins with. Units: USD.
inline constexpr int kDeposit = 100000;
/// The longest program, in bytes.
inline constexpr std::size_t kMostCode = std::size_t{256} * 1024;

struct User {
  std::string id, email;
  Decimal cash;      ///< virtual_balance
  Decimal reserved;  ///< of it, promised to open orders
};

/// The user of that address, made with its deposit when it is not there. Errors: usage: it is no address.
User ensure_user(kernel::Transaction& tx, std::string_view email);
/// Errors:  no_input: there is none.
User load_user(kernel::Sql& sql, std::string_view email);

struct StrategyRow {
  std::string id, user_id, user;  ///< user: the address
  StrategySpec spec;
  std::string symbol;  ///< of a session that names none
  Instant created_at{};
  std::optional<Instant> retired_at{};
  int running = 0;   ///< its sessions that run
  int sessions = 0;  ///< all of them
};

struct NewStrategy {
  std::string user = std::string(kDefaultUser);
  StrategySpec spec;
  std::string symbol;
};

/// What add came to.
struct AddedStrategy {
  std::string id;
  enum class What {
    added,
    same,      ///< it was there as it is now
    replaced,  ///< the one of before is retired (or gone, if no session had it)
  } what = What::added;
  int running = 0;  ///< sessions that go on with the one of before
};

/// Errors:  usage: a name, language, symbol or parameters that can't be, a text that is empty or too long.
AddedStrategy add_strategy(kernel::Transaction& tx, const NewStrategy& strategy);
/// By name. Errors: no_input: there is none, naming the nearest.
StrategyRow load_strategy(kernel::Sql& sql, std::string_view user, std::string_view name);
/// As sessions have it, also a retired one. Errors: no_input.
StrategyRow load_strategy_by_id(kernel::Sql& sql, const std::string& id);
/// By name. user: of all, if empty.
std::vector<StrategyRow> list_strategies(kernel::Sql& sql, std::string_view user = {});
/// Retires it; its row goes, if no session had it. Errors: no_input; busy: sessions of it run.
StrategyRow remove_strategy(kernel::Transaction& tx, std::string_view user, std::string_view name);

}  // namespace am::strategy
