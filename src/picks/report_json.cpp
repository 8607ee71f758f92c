#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "am/base/csv.hpp"
#include "am/picks/report.hpp"

namespace am::picks {

namespace {

using Json = nlohmann::ordered_json;

/// A price of 0 stands for what is no number.
std::optional<Decimal> number(const Decimal& price) {
  return price.is_zero() ? std::nullopt : std::optional(price);
}

Json text_or_null(const std::optional<Decimal>& value) {
  return value ? Json(value->to_string()) : Json(nullptr);
}

Json interval_json(const std::optional<Interval>& interval) {
  if (!interval) return nullptr;
  return Json{{"low", interval->low.to_string()}, {"high", interval->high.to_string()}};
}

Json side_json(const SideLine& side) {
  return {{"action", action_name(side.action)},
          {"picks", side.picks},
          {"mean_directional_return_pct", text_or_null(side.mean_return_pct)},
          {"mean_directional_benchmark_pct", text_or_null(side.mean_benchmark_pct)},
          {"mean_directional_excess_pct", text_or_null(side.mean_excess_pct)},
          {"hit_rate_pct", text_or_null(side.hit_rate_pct)}};
}

Json or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json text_or_null(const std::optional<Date>& value) {
  return value ? Json(value->to_string()) : Json(nullptr);
}

/// An e-value; beyond what a double holds it stays at its end.
Json e_json(const std::optional<double>& log_e) {
  return log_e ? Json(fmt::format("{:.8g}", std::exp(std::min(*log_e, 700.0)))) : Json(nullptr);
}

std::optional<double> log_e_of(const Judgement& judgement) {
  return judgement.tally.parts == 0 ? std::nullopt : std::optional(judgement.log_e);
}

Json days_json(const GroupLine& group) {
  Json days = Json::array();
  for (const DayLine& day : group.days) {
    days.push_back({{"day", day.day},
                    {"batches", day.batches},
                    {"mean_directional_return_pct", text_or_null(day.mean_return_pct)},
                    {"mean_directional_benchmark_pct", text_or_null(day.mean_benchmark_pct)},
                    {"mean_directional_excess_pct", text_or_null(day.mean_excess_pct)},
                    {"mean_directional_excess_interval_95", interval_json(day.interval)}});
  }
  return days;
}

Json usage_json(const BatchUsage& usage, const std::optional<Decimal>& cost_usd) {
  return {{"answers", usage.answers},
          {"prompt_tokens", usage.prompt_tokens},
          {"cached_tokens", usage.cached_tokens},
          {"completion_tokens", usage.completion_tokens},
          {"cost_usd", text_or_null(cost_usd)}};
}

Json group_json(const GroupLine& group) {
  const Judgement& judgement = group.judgement;
  const ControlLine& control = group.control;
  const bool has_universe = !control.universe.empty() || !control.universe_sha256.empty();
  return {{"picker", group.key.picker},
          {"model", or_null(group.key.model)},
          {"served_model", or_null(group.key.served_model)},
          {"template_hash", or_null(group.key.template_hash)},
          {"origin", group.key.origin},
          {"benchmarks", group.benchmarks},
          {"first_run_date", group.first.to_string()},
          {"last_run_date", group.last.to_string()},
          {"batches", group.batches},
          {"failed", group.failed},
          {"complete", group.complete},
          {"picks", group.picks},
          {"mean_directional_return_pct", text_or_null(group.mean_return_pct)},
          {"mean_directional_benchmark_pct", text_or_null(group.mean_benchmark_pct)},
          {"mean_directional_excess_pct", text_or_null(group.mean_excess_pct)},
          {"verdict", group.verdict},
          {"verdict_weeks", judgement.tally.weeks},
          {"weeks_waiting", group.waiting},
          {"mean_abnormal_pct", text_or_null(judgement.mean_pct)},
          {"interval_every_week", interval_json(judgement.every_week)},
          {"interval_today", interval_json(judgement.today)},
          {"e_value", e_json(log_e_of(judgement))},
          {"e_value_highest", e_json(judgement.highest_log_e)},
          {"e_value_highest_week", text_or_null(judgement.highest_week)},
          {"picks_without_beta", group.without_beta},
          {"not_beta_adjusted",
           {{"mean_pct", text_or_null(group.market.mean_pct)},
            {"interval_every_week", interval_json(group.market.every_week)},
            {"e_value", e_json(log_e_of(group.market))}}},
          {"percentile", text_or_null(control.percentile)},
          {"control_symbols", control.percentile ? Json(control.symbols) : Json(nullptr)},
          {"control_through", text_or_null(control.through)},
          {"control_filled_moves", control.percentile ? Json(control.filled) : Json(nullptr)},
          {"control_big_moves", control.percentile ? Json(control.big_moves) : Json(nullptr)},
          {"control_missing", control.none.empty() ? Json(nullptr) : Json(control.none)},
          {"universe", has_universe ? Json{{"name", control.universe},
                                           {"as_of", text_or_null(control.as_of)},
                                           {"sha256", or_null(control.universe_sha256)},
                                           {"with_hindsight", control.hindsight}}
                                    : Json(nullptr)},
          {"hit_rate_pct", text_or_null(group.hit_rate_pct)},
          {"hit_rate_by_chance_pct", text_or_null(group.hit_rate_by_chance_pct)},
          {"break_even_bp", text_or_null(group.break_even_bp)},
          {"patience_weeks", or_null(judgement.patience_weeks)},
          {"picks_kept", text_or_null(group.picks_kept)},
          {"imported_late", group.late_imports},
          {"usage", group.paid_batches > 0 ? usage_json(group.usage, group.cost_usd) : Json(nullptr)},
          {"sides", Json::array({side_json(group.buy), side_json(group.sell)})},
          {"days", days_json(group)},
          {"answer", group.answer}};
}

Json league_json(const LeagueOfGroups& of) {
  Json lines = Json::array();
  for (std::size_t i = 0; i < of.groups.size(); ++i) {
    const LeagueLine& line = of.league.lines[i];
    lines.push_back({{"group", of.groups[i]},
                     {"mean_abnormal_pct", text_or_null(line.judgement.mean_pct)},
                     {"e_value", e_json(log_e_of(line.judgement))},
                     {"decides", line.decides},
                     {"p", text_or_null(line.p)},
                     {"ties_the_leader", line.ties_the_leader}});
  }
  Json pairs = Json::array();
  for (const LeaguePair& pair : of.league.pairs) {
    pairs.push_back({{"a", of.groups[pair.a]},
                     {"b", of.groups[pair.b]},
                     {"e_value", e_json(pair.log_e)},
                     {"differ", pair.differ}});
  }
  return {{"price_source", of.source},
          {"entered", of.league.entered},
          {"weeks", of.league.weeks.size()},
          {"leader", of.groups[of.league.leader]},
          {"control_through", text_or_null(of.league.control_through)},
          {"lines", std::move(lines)},
          {"pairs", std::move(pairs)}};
}

Json moves_json(const std::vector<DoubtfulMove>& moves) {
  Json all = Json::array();
  for (const DoubtfulMove& move : moves) {
    all.push_back({{"ticker", move.ticker},
                   {"day", move.day.to_string()},
                   {"price", move.price.to_string()},
                   {"before_day", move.before_day.to_string()},
                   {"before", move.before.to_string()},
                   {"split_known", move.known}});
  }
  return all;
}

Json batch_json(const BatchLine& line) {
  Json picks = Json::array();
  for (const PickLine& pick : line.picks) {
    picks.push_back({{"ticker", pick.stored.pick.ticker},
                     {"action", action_name(pick.stored.pick.action)},
                     {"reasoning", pick.stored.pick.reasoning},
                     {"initial_price", text_or_null(number(pick.stored.initial_price))},
                     {"price", text_or_null(pick.price)},
                     {"absolute_return_pct", text_or_null(pick.return_pct)},
                     {"vs_benchmark_pct", text_or_null(pick.excess_pct)},
                     {"directional_return_pct", text_or_null(pick.directional_return_pct)},
                     {"directional_benchmark_pct", text_or_null(pick.directional_benchmark_pct)},
                     {"directional_excess_pct", text_or_null(pick.directional_excess_pct)},
                     {"beta", text_or_null(pick.beta)}});
  }
  return {
      {"id", line.batch.id},
      {"run_date", line.batch.run_date.to_string()},
      {"status", line.batch.status},
      {"picker", line.batch.picker},
      {"model", or_null(line.batch.model)},
      {"served_model", or_null(line.batch.served_model)},
      {"template_hash", or_null(line.batch.template_hash)},
      {"origin", line.batch.origin},
      {"price_source", line.batch.price_source},
      {"baseline", line.baseline.to_string()},
      {"days_computed", line.computed},
      {"days_skipped", line.skipped},
      {"days_unreadable", line.unreadable},
      {"latest", line.latest ? Json(line.latest->to_string()) : Json(nullptr)},
      {"benchmark_symbol", line.batch.benchmark_symbol},
      {"benchmark_initial_price", text_or_null(number(line.batch.benchmark_initial_price))},
      {"benchmark_price", text_or_null(line.benchmark_price)},
      {"benchmark_return_pct", text_or_null(line.benchmark_return_pct)},
      {"mean_directional_return_pct", text_or_null(line.mean_return_pct)},
      {"mean_directional_benchmark_pct", text_or_null(line.mean_benchmark_pct)},
      {"mean_directional_excess_pct", text_or_null(line.mean_excess_pct)},
      {"moves_in_doubt", moves_json(line.moves)},
      {"notes", line.notes},
      {"imported_at", line.batch.imported_at ? Json(format_rfc3339(*line.batch.imported_at)) : Json(nullptr)},
      {"usage", line.usage ? usage_json(*line.usage, line.cost_usd) : Json(nullptr)},
      {"picks", std::move(picks)}};
}

std::string text_or_empty(const std::optional<Decimal>& value) { return value ? value->to_string() : ""; }

}  // namespace

std::string render_csv(const Report& report) {
  static constexpr std::array kHeader{"run_date",
                                      "batch_id",
                                      "status",
                                      "picker",
                                      "model",
                                      "origin",
                                      "price_source",
                                      "baseline",
                                      "days_computed",
                                      "days_skipped",
                                      "latest",
                                      "benchmark_symbol",
                                      "benchmark_initial_price",
                                      "benchmark_price",
                                      "benchmark_return_pct",
                                      "ticker",
                                      "action",
                                      "initial_price",
                                      "price",
                                      "absolute_return_pct",
                                      "vs_benchmark_pct",
                                      "directional_return_pct",
                                      "directional_excess_pct",
                                      "reasoning",
                                      "beta"};
  const std::vector<std::string> header(kHeader.begin(), kHeader.end());
  std::string out = csv_record(header);
  for (const BatchLine& line : report.batches) {
    for (const PickLine& pick : line.picks) {
      const std::array<std::string, kHeader.size()> record{
          line.batch.run_date.to_string(),
          line.batch.id,
          csv_text(line.batch.status),
          csv_text(line.batch.picker),
          csv_text(line.batch.model),
          csv_text(line.batch.origin),
          csv_text(line.batch.price_source),
          line.baseline.to_string(),
          std::to_string(line.computed),
          std::to_string(line.skipped),
          line.latest ? line.latest->to_string() : "",
          csv_text(line.batch.benchmark_symbol),
          text_or_empty(number(line.batch.benchmark_initial_price)),
          text_or_empty(line.benchmark_price),
          text_or_empty(line.benchmark_return_pct),
          csv_text(pick.stored.pick.ticker),
          std::string(action_name(pick.stored.pick.action)),
          text_or_empty(number(pick.stored.initial_price)),
          text_or_empty(pick.price),
          text_or_empty(pick.return_pct),
          text_or_empty(pick.excess_pct),
          text_or_empty(pick.directional_return_pct),
          text_or_empty(pick.directional_excess_pct),
          csv_text(pick.stored.pick.reasoning),
          text_or_empty(pick.beta)};
      out += csv_record(record);
    }
  }
  return out;
}

std::string render_json(const Report& report) {
  Json groups = Json::array();
  for (const GroupLine& group : report.groups) groups.push_back(group_json(group));
  Json leagues = Json::array();
  for (const LeagueOfGroups& league : report.leagues) leagues.push_back(league_json(league));
  Json batches = Json::array();
  for (const BatchLine& line : report.batches) batches.push_back(batch_json(line));
  const Json json{{"from", report.asked ? Json(report.asked->first.to_string()) : Json(nullptr)},
                  {"to", report.asked ? Json(report.asked->last.to_string()) : Json(nullptr)},
                  {"groups", std::move(groups)},
                  {"leagues", std::move(leagues)},
                  {"batches", std::move(batches)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace am::picks
