#include "strategy_parts.hpp"

#include <algorithm>

#include "am/base/html.hpp"
#include "am/base/html_parts.hpp"
#include "am/base/percent.hpp"
#include "am/base/text.hpp"
#include "documents.hpp"
#include "web/page_layout.hpp"

namespace am::web {

namespace {

/// Thousands apart: "6 164.16"; of digits without a sign.
std::string grouped(std::string digits) {
  std::size_t at = std::min(digits.find('.'), digits.size());
  while (at > 3) {
    at -= 3;
    digits.insert(at, "\u00a0");
  }
  return digits;
}

constexpr int kCents = 2;

}  // namespace

std::string session_path(const std::string& id) { return std::string(kSessionsPage) + "/sessions/" + id; }

std::string money_text(const Decimal& amount) {
  return std::string(amount.is_negative() ? kMinus : "") + "$" + grouped(amount.abs().to_fixed(kCents));
}

std::string signed_money(const Decimal& amount) {
  return (amount.is_positive() ? "+" : "") + money_text(amount);
}

std::string amount_text(const Decimal& amount) {
  return std::string(amount.is_negative() ? kMinus : "") + grouped(amount.abs().to_string());
}

std::string_view earned_tone(const Decimal& amount) {
  return amount.is_negative() ? "down" : amount.is_positive() ? "up" : "";
}

std::string earned_cell(const std::optional<Decimal>& amount) {
  return amount ? cell(signed_money(*amount), earned_tone(*amount)) : cell("");
}

std::string mode_html(std::string_view mode) {
  const std::string name = mode == "live" ? "LIVE" : escape_html(mode);
  return "<span class=\"mode " + escape_html(mode) + "\">" + name + "</span>";
}

std::string trading_text(const SessionLine& session) {
  return to_lower(session.trading) +
         (session.trading != "ACTIVE" && session.reason ? ": " + *session.reason : "");
}

std::string state_text(const SessionLine& session) {
  const std::string status = to_lower(session.status);
  if (session.status == "RUNNING")
    return status + (session.held ? ", an engine has it" : ", no engine has it");
  return status + (session.status == "FAILED" && session.reason ? ": " + *session.reason : "");
}

bool is_troubled(const SessionLine& session) {
  return session.status == "FAILED" || (session.status == "RUNNING" && !session.held);
}

std::string switch_notice(const TradingSwitch& all) {
  if (all.trading == "ACTIVE") return {};
  return notice_html((all.trading == "HALTED" ? "Everything is halted, nothing is ordered"
                                              : "Everything is being reduced, only sales are ordered") +
                     std::string(all.reason ? ": " + escape_html(*all.reason) : "") +
                     ". <code>am strategy resume --all</code> ends that.");
}

}  // namespace am::web
