#pragma once
// What both pages of the strategy desk are put together from. Private.

#include <optional>
#include <string>
#include <string_view>

#include "session_reads.hpp"

namespace am::web {

std::string session_path(const std::string& id);
/// "$6 164.16", "−$0.50": to the cent.
std::string money_text(const Decimal& amount);
/// The same with its sign: "+$284.10".
std::string signed_money(const Decimal& amount);
/// A quantity or price, digits as stored: "1 234.5".
std::string amount_text(const Decimal& amount);
/// <td> with its tone.
std::string earned_cell(const std::optional<Decimal>& amount);
std::string_view earned_tone(const Decimal& amount);

/// What a session trades with: rehearsal, paper or LIVE; on every page, beside every session.
std::string mode_html(std::string_view mode);
/// "halted: drawdown": what it may do, and why if it is not everything.
std::string trading_text(const SessionLine& session);
/// "running, an engine has it", "running, no engine has it".
std::string state_text(const SessionLine& session);
/// Whether that asks for somebody.
bool is_troubled(const SessionLine& session);
/// What stops everything, above a page; nothing while nothing does.
std::string switch_notice(const TradingSwitch& all);

}  // namespace am::web
