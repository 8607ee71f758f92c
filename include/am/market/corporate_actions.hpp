#pragma once
// Splits, renames and ends of listing, and what they do to prices: pure values and arithmetic. Where they come from and
// where they are kept: action_store.hpp.
//
// A price is on the basis of a day: it is a price of the share as it was that day. A split is effective at the open of its
// day, so a close as traded is on the basis of its own session, and the close of the split's own day is on the new one.
// From the basis of one day to that of a later one, a share becomes `factor` shares: the later price times the factor is
// the price on the earlier basis.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/date.hpp"
#include "am/base/decimal.hpp"
#include "am/base/result.hpp"
#include "am/market/prices.hpp"

namespace am::market {

enum class ActionKind {
  split,    ///< also a stock dividend, and with the ratio 1 the word that a move was real
  rename,   ///< the share goes on under another symbol
  delisted  ///< bought for cash, or worth no more than that: it is not traded any more
};
std::string_view action_kind_name(ActionKind kind);
std::optional<ActionKind> parse_action_kind(std::string_view text);

/// Something that happened to a share, effective from the open of `day` on.
struct CorporateAction {
  std::string symbol;  ///< canonical (symbol.hpp)
  Date day;
  ActionKind kind = ActionKind::split;
  Decimal ratio{1};  ///< split: new shares for an old one: 10 for 10:1, 0.1 for a reverse split of 1:10
  std::string new_symbol{};        ///< rename: canonical
  std::optional<Decimal> price{};  ///< delisted: USD for a share, what it is worth from then on
  std::string source{};            ///< who says so: "hand", or the price source
};

/// Whether a close is so far from the one before, by more than a quarter, that a split may lie between.
bool moved_by_a_quarter(const Decimal& before, const Decimal& after);

/// A split's ratio as people and vendors write it: a number ("10", "0.1"), or new for old ("10:1", "3:2", "1:3"), whose
/// quotient is kept to 34 digits.
///
/// Errors:  Reject: "is not a ratio", or "cannot be right" (expected 0.00001 to 100000).
/// Threads: pure, as all here.
Result<Decimal> parse_ratio(std::string_view text);

/// The splits that a share went through, with what it is called on the way: from the basis of one day, which is not
/// within, to that of another, which is. Renames are followed.
///
/// Shape:   ascending by day; actions in any order, of any symbols, one split a day for each symbol.
std::vector<CorporateAction> splits_between(std::span<const CorporateAction> actions, std::string_view symbol,
                                            Date from, Date to);

/// Shares on the basis of `to` for one on the basis of `from`: the product of the ratios; 1 without a split. For an
/// earlier `to` the inverse of the way back. The symbol is that of the earlier day.
Decimal factor_between(std::span<const CorporateAction> actions, std::string_view symbol, Date from, Date to);

/// What a share is called on a day, that had this symbol at the close of `from`. Canonical.
std::string symbol_on(std::span<const CorporateAction> actions, std::string_view symbol, Date from, Date day);

/// The end of its listing, when that was after `from` and no later than `day`.
std::optional<CorporateAction> end_of_listing(std::span<const CorporateAction> actions,
                                              std::string_view symbol, Date from, Date day);

/// A symbol's closes, each brought to the basis of one day: as a series that was adjusted for splits has them. A close
/// that says on which basis it is (Close::basis) is taken by that, every other as traded.
///
/// Units:   a close times the factor from basis_day to its own basis. With the day of the oldest close as the basis, whole
///          ratios only multiply, so that no digit is lost.
Series adjusted(const Series& series, std::span<const CorporateAction> actions, std::string_view symbol,
                Date basis_day);

/// Closes of one source, by canonical symbol.
using SeriesBySymbol = std::map<std::string, Series, std::less<>>;

/// All of them on the basis of basis_day, each symbol's on its own; a symbol that was renamed goes on with the closes
/// under its new symbol, where those are here too. For a source whose history is adjusted as a whole: not needed, and
/// wrong.
void adjust(SeriesBySymbol& closes, std::span<const CorporateAction> actions, Date basis_day);

}  // namespace am::market
