#include "am/picks/report_text.hpp"

#include <cmath>

#include <fmt/format.h>

#include "am/base/percent.hpp"
#include "am/base/text.hpp"

namespace am::picks {

namespace {

std::string e_text(const Judgement& judgement) {
  return judgement.tally.parts == 0 ? "n/a" : e_value_text(judgement.log_e);
}

FigureText mean_of(const GroupLine& group) {
  std::string note = "per batch, beta-adjusted";
  if (group.without_beta > 0) {
    note += "; " + std::to_string(group.without_beta) + " of " + std::to_string(group.judged_picks) +
            " picks without history, as if beta were 1";
  }
  return {"mean excess", signed_percent(group.judgement.mean_pct), note};
}

FigureText every_week_of(const GroupLine& group, bool is_range) {
  const Judgement& judgement = group.judgement;
  std::string note = interval_text(judgement.every_week);
  if (!judgement.every_week) {
    note += "   95 %, from " + std::to_string(kMinWeeks) + " weeks on; e-value " + e_text(judgement);
  } else if (is_range) {
    note += "   95 %; e-value " + e_text(judgement);
  } else {
    note += fmt::format("   95 %, decides; e-value {}, {:.0f} decides", e_text(judgement), kDecisive);
  }
  return {"read every week", "", note, true};
}

FigureText control_of(const ControlLine& control, Date first_run_date) {
  std::string note = control.none;
  if (control.percentile) {
    note = "percentile, same habits, " + std::to_string(control.symbols) + " symbols, read only today";
    if (control.lags) note += ", through " + control.through->to_string();
    if (control.hindsight) note += "; chosen with hindsight since " + first_run_date.to_string();
  }
  return {"among other names", share_text(control.percentile), note};
}

std::optional<FigureText> universe_of(const ControlLine& control) {
  if (control.universe_sha256.empty() && control.universe.empty()) return std::nullopt;
  std::string note = printable(control.universe);
  if (control.as_of) note += " as of " + control.as_of->to_string();
  if (!control.universe_sha256.empty()) note += ", SHA-256 " + control.universe_sha256.substr(0, 8);
  if (control.big_moves > 0)
    note += "; " + count_text(control.big_moves, "move", "moves") + " above a quarter";
  if (control.filled > 0) note += "; " + count_text(control.filled, "move", "moves") + " filled in";
  return FigureText{"universe", "", note};
}

FigureText costs_of(const std::optional<Decimal>& break_even) {
  if (!break_even) return {"costs", "n/a", ""};
  if (!break_even->is_positive()) return {"costs", "", "loses before costs"};
  return {"costs", break_even->to_fixed(2), "basis points a trade, then it breaks even"};
}

FigureText patience_of(const Judgement& judgement) {
  std::string value = "n/a";
  if (judgement.patience_weeks) {
    value = std::to_string(*judgement.patience_weeks);
  } else if (judgement.every_week) {
    return {"patience", "",
            "more than " + std::to_string(kMaxPatience) +
                " weeks until a true +1 % per batch shows, in six of ten records"};
  }
  return {"patience", value, "weeks until a true +1 % per batch shows, in six of ten records"};
}

std::optional<FigureText> tokens_of(const GroupLine& group) {
  if (group.paid_batches == 0) return std::nullopt;
  const BatchUsage& usage = group.usage;
  return FigureText{"tokens", std::to_string(usage.prompt_tokens + usage.completion_tokens),
                    std::to_string(usage.prompt_tokens) + " in, " + std::to_string(usage.cached_tokens) +
                        " of them cached, " + std::to_string(usage.completion_tokens) + " out, for " +
                        count_text(group.paid_batches, "batch", "batches") + "; " +
                        (group.cost_usd ? group.cost_usd->to_fixed(4) + " dollars" : "unpriced")};
}

}  // namespace

std::string price_text(const std::optional<Decimal>& value) {
  if (!value || value->is_zero()) return "n/a";
  std::string text = value->to_fixed(4);
  for (int i = 0; i < 2 && text.back() == '0'; ++i) text.pop_back();
  return text;
}

std::string picker_text(const std::string& picker, const std::string& model) {
  const std::string name = picker.empty() ? "unknown" : picker;
  return model.empty() ? name : name + " " + model;
}

std::string group_text(const GroupKey& key) {
  std::string text = picker_text(key.picker, key.model);
  if (!key.served_model.empty() && key.served_model != key.model) text += " (" + key.served_model + ")";
  return text;
}

std::string range_text(Date first, Date last) {
  return first == last ? first.to_string() : first.to_string() + " to " + last.to_string();
}

std::string share_text(const std::optional<Decimal>& value) { return value ? value->to_fixed(2) : "n/a"; }

std::string interval_text(const std::optional<Interval>& interval) {
  return interval ? signed_percent(interval->low) + " to " + signed_percent(interval->high) : "n/a";
}

std::string count_text(long long count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

std::string pretty_text(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char before = i == 0 ? ' ' : text[i - 1];
    const char next = i + 1 < text.size() ? text[i + 1] : '.';
    if (text[i] == '-' && before == ' ' && next >= '0' && next <= '9') {
      out += kMinus;
    } else if (text[i] == ' ' && next == '%') {
      out += "\u00a0";
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string counts_text(const GroupLine& group) {
  std::string text = count_text(group.batches, "batch", "batches") + ", " +
                     range_text(group.first, group.last) + "; " + std::to_string(group.complete) +
                     " complete, " + count_text(group.picks, "pick", "picks");
  if (group.failed > 0) text += "; " + std::to_string(group.failed) + " failed";
  if (group.late_imports > 0)
    text +=
        "; " + std::to_string(group.late_imports) + " imported after their Monday, which can be hindsight";
  text += "; " + count_text(group.judgement.tally.weeks, "week counts", "weeks count");
  if (group.waiting > 0)
    text += ", " + std::to_string(group.waiting) + (group.waiting == 1 ? " waits" : " wait");
  return text;
}

std::vector<FigureText> figures_text(const GroupLine& group, bool is_range) {
  std::vector<FigureText> lines;
  lines.push_back(mean_of(group));
  lines.push_back(every_week_of(group, is_range));
  lines.push_back({"read only today", "", interval_text(group.judgement.today) + "   95 %", true});
  lines.push_back(
      {"not beta-adjusted", signed_percent(group.market.mean_pct), "e-value " + e_text(group.market)});
  lines.push_back(control_of(group.control, group.first));
  lines.push_back(
      {"hit rate", share_text(group.hit_rate_pct), "by chance " + share_text(group.hit_rate_by_chance_pct)});
  lines.push_back(costs_of(group.break_even_bp));
  lines.push_back(patience_of(group.judgement));
  lines.push_back({"habit", share_text(group.picks_kept), "of 3 picks kept from the week before"});
  if (std::optional<FigureText> universe = universe_of(group.control)) lines.push_back(std::move(*universe));
  if (std::optional<FigureText> tokens = tokens_of(group)) lines.push_back(std::move(*tokens));
  return lines;
}

std::string league_text(const LeagueOfGroups& of, const std::vector<GroupLine>& groups) {
  const League& league = of.league;
  const auto name = [&](std::size_t i) {
    const GroupLine& group = groups[of.groups[i]];
    return group.name + (group.key.origin.empty() ? "" : ", " + group.key.origin);
  };
  const LeagueLine& leader = league.lines[league.leader];
  std::string text =
      "league of " + std::to_string(league.entered) + " on " + of.source + ", " +
      std::to_string(league.weeks.size()) + " weeks in common: (" + name(league.leader) + ") leads, " +
      signed_percent(leader.judgement.mean_pct) + " % per batch, e-value " +
      fmt::format("{}, {:.0f} decides", e_value_text(leader.judgement.log_e), kDecisive * league.entered);
  if (leader.p) text += ", p " + leader.p->to_fixed(4);
  std::string ties;
  std::string behind;
  for (std::size_t i = 0; i < league.lines.size(); ++i) {
    if (i == league.leader) continue;
    (league.lines[i].ties_the_leader ? ties : behind) += " (" + name(i) + ")";
  }
  if (!ties.empty()) text += "; tie with it:" + ties;
  if (!behind.empty()) text += "; behind:" + behind;
  return text;
}

std::string_view promise_text() {
  return "If the picks have no skill, at most about one record in twenty ever gets a verdict, however often it is "
         "read; none comes before the tenth week, and \"no verdict yet\" is not \"no alpha\".";
}

std::string_view cause_text() {
  return "A verdict says that something other than chance moved these picks against the benchmark, not what: a "
         "sector, small or volatile names, interest and dividends count as well as skill, costs do not, and each "
         "further picker brings its own chance of one in twenty.";
}

}  // namespace am::picks
