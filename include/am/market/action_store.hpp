#pragma once
// Splits, renames and ends of listing in the database, each with who told it: a person ("hand"), a vendor, or a csv:
// directory of what is beside its closes. Which of them hold for the closes of one source is decided here.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "am/kernel/db.hpp"
#include "am/market/corporate_actions.hpp"

namespace am::market {

/// The source of what a person said.
inline constexpr std::string_view kByHand = "hand";

/// All that is known, of every source, by symbol and day.
kernel::Statement actions_statement();
/// Shape:   as the rows; one that cannot be right (another program's) is left out.
std::vector<CorporateAction> actions_of(const kernel::Rows& rows);

/// Those that hold for the closes of a price source, one for each symbol, day and kind. A person is believed before a
/// vendor, and vendors are believed about each other's closes; a csv: directory is believed about its own before a person,
/// who can mend its file, and takes nothing from vendors or from other directories.
std::vector<CorporateAction> actions_for(std::span<const CorporateAction> all, std::string_view price_source);

/// Both at once. Errors: as Sql::query.
std::vector<CorporateAction> read_actions(kernel::Sql& sql, std::string_view price_source);

enum class Noted {
  added,
  unchanged,  ///< the same source had said the same
  changed,    ///< it had said something else, which is replaced
  refused     ///< it had said something else, which stays
};
/// Idempotent. replace: what the same source said otherwise of that symbol, day and kind gives way.
Noted note_action(kernel::Sql& sql, const CorporateAction& action, bool replace);

/// What every source said of a symbol's day. Returns what is gone.
std::vector<CorporateAction> remove_actions(kernel::Sql& sql, std::string_view symbol, Date day);

/// "split 10", "rename META", "delisted 54.20".
std::string action_text(const CorporateAction& action);

/// Whether a source was asked already if a share was split on that day.
bool was_asked(kernel::Sql& sql, std::string_view source, std::string_view symbol, Date day);
void note_asked(kernel::Sql& sql, std::string_view source, std::string_view symbol, Date day);

}  // namespace am::market
