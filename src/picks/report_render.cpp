#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "am/base/csv.hpp"
#include "am/base/percent.hpp"
#include "am/base/text.hpp"
#include "am/picks/report.hpp"
#include "am/picks/report_text.hpp"

namespace am::picks {

namespace {

constexpr std::size_t kColumns = 100;

constexpr std::string_view kLegend =
    "All figures in percent. Return and excess are directional: the sign is flipped for a SELL. days: computed + "
    "skipped. among: percentile among all random baskets. Weekly batches overlap by a week, so that the true "
    "intervals are somewhat wider.";

std::string left(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string right(const std::string& text, std::size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

/// Printable ASCII, cut to a width: names come from outside.
std::string plain(std::string_view text, std::size_t width) {
  std::string out = printable(text);
  for (char& c : out) c = static_cast<unsigned char>(c) < 0x80 ? c : '?';
  if (out.size() > width) {
    out.resize(width);
    if (width > 3) out.replace(width - 3, 3, "...");
  }
  return out;
}

std::string wrapped(const std::string& text, std::size_t indent) {
  std::string out;
  std::string line(indent, ' ');
  for (const std::string& word : split(text, ' ')) {
    if (line.size() + word.size() + 1 > kColumns && line.size() > indent) {
      out += line + "\n";
      line.assign(indent, ' ');
    }
    if (line.size() > indent) line += ' ';
    line += word;
  }
  return out + line + "\n";
}

void trim_line(std::string& out, const std::string& line) {
  out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
}

std::string percent(const std::optional<Decimal>& value, std::size_t width) {
  return right(signed_percent(value), width);
}
std::string unsigned_percent(const std::optional<Decimal>& value) {
  return value ? value->to_fixed(2) : "n/a";
}

void side_table(std::string& out, const SideLine& side) {
  trim_line(out, "  " + left(std::string(action_name(side.action)), 10) +
                     right(std::to_string(side.picks), 7) + percent(side.mean_return_pct, 10) +
                     percent(side.mean_excess_pct, 10) + right(unsigned_percent(side.hit_rate_pct), 10));
}

std::string group_name(const GroupLine& group) {
  std::string name = picker_text(group.picker, group.model);
  if (!group.origin.empty()) name += ", " + group.origin;
  return plain(name + ", over " + join(group.benchmarks, ", "), kColumns - 1);  // and a colon
}

void group_table(std::string& out, const GroupLine& group) {
  trim_line(out, group_name(group));
  std::string counts = std::to_string(group.batches) + (group.batches == 1 ? " batch, " : " batches, ") +
                       range_text(group.first, group.last) + "; " + std::to_string(group.complete) +
                       " complete, " + std::to_string(group.picks) + " picks";
  if (group.failed > 0) counts += "; " + std::to_string(group.failed) + " failed";
  trim_line(out, "  " + counts);
  out += "\n";
  const std::string interval =
      group.interval ? signed_percent(group.interval->low) + " to " + signed_percent(group.interval->high)
                     : "n/a";
  trim_line(out, "  mean return        " + percent(group.mean_return_pct, 9) + "   directional, per batch");
  trim_line(out,
            "  mean excess        " + percent(group.mean_excess_pct, 9) + "   95 % interval " + interval);
  trim_line(out, "  hit rate           " + right(unsigned_percent(group.hit_rate_pct), 9) +
                     "   % of picks with an excess above zero");
  trim_line(out, "  percentile         " + right(unsigned_percent(group.percentile), 9) +
                     "   among random baskets of the same dates (" + std::to_string(group.controlled) +
                     " batches)");
  out += "\n  action      picks    return    excess  hit rate\n";
  side_table(out, group.buy);
  side_table(out, group.sell);
  out += "\n  day       batches    return    excess      95 % interval\n";
  for (const DayLine& day : group.days) {
    if (day.batches == 0) continue;
    trim_line(out,
              "  " + right(std::to_string(day.day), 3) + right(std::to_string(day.batches), 14) +
                  percent(day.mean_return_pct, 10) + percent(day.mean_excess_pct, 10) +
                  (day.interval ? percent(day.interval->low, 10) + " to " + signed_percent(day.interval->high)
                                : ""));
  }
  out += "\n";
}

void batch_table(std::string& out, const BatchLine& line) {
  const std::string progress = std::to_string(line.computed) + "+" + std::to_string(line.skipped);
  trim_line(out, left(line.batch.run_date.to_string(), 12) + left(line.batch.status, 11) +
                     left(plain(picker_text(line.batch.picker, line.batch.model), 16), 17) +
                     left(line.batch.origin, 10) + left(progress, 7) +
                     left(line.latest ? line.latest->to_string() : "-", 11) +
                     percent(line.mean_return_pct, 9) + percent(line.mean_excess_pct, 9) +
                     right(line.percentile ? line.percentile->to_fixed(0) : "n/a", 7));
  const auto row = [&](const std::string& action, const std::string& symbol, const Decimal& initial,
                       const std::optional<Decimal>& price, const std::optional<Decimal>& change,
                       const std::optional<Decimal>& directional, const std::optional<Decimal>& excess) {
    trim_line(out, "  " + left(action, 6) + left(plain(symbol, 10), 11) + right(price_text(initial), 12) +
                       " -> " + left(price_text(price), 12) + percent(change, 12) +
                       (directional || excess ? std::string(9, ' ') : "") +
                       (directional ? percent(directional, 9) : "") + (excess ? percent(excess, 9) : ""));
  };
  for (const PickLine& pick : line.picks) {
    row(std::string(action_name(pick.stored.pick.action)), pick.stored.pick.ticker, pick.stored.initial_price,
        pick.price, pick.return_pct, pick.directional_return_pct, pick.directional_excess_pct);
  }
  row("", line.batch.benchmark_symbol, line.batch.benchmark_initial_price, line.benchmark_price,
      line.benchmark_return_pct, {}, {});
}

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
          {"mean_directional_excess_pct", text_or_null(side.mean_excess_pct)},
          {"hit_rate_pct", text_or_null(side.hit_rate_pct)}};
}

Json group_json(const GroupLine& group) {
  Json days = Json::array();
  for (const DayLine& day : group.days) {
    days.push_back({{"day", day.day},
                    {"batches", day.batches},
                    {"mean_directional_return_pct", text_or_null(day.mean_return_pct)},
                    {"mean_directional_excess_pct", text_or_null(day.mean_excess_pct)},
                    {"mean_directional_excess_interval_95", interval_json(day.interval)}});
  }
  return {{"picker", group.picker},
          {"model", group.model.empty() ? Json() : Json(group.model)},
          {"origin", group.origin},
          {"benchmarks", group.benchmarks},
          {"first_run_date", group.first.to_string()},
          {"last_run_date", group.last.to_string()},
          {"batches", group.batches},
          {"failed", group.failed},
          {"complete", group.complete},
          {"picks", group.picks},
          {"mean_directional_return_pct", text_or_null(group.mean_return_pct)},
          {"mean_directional_excess_pct", text_or_null(group.mean_excess_pct)},
          {"mean_directional_excess_interval_95", interval_json(group.interval)},
          {"hit_rate_pct", text_or_null(group.hit_rate_pct)},
          {"controlled_batches", group.controlled},
          {"percentile", text_or_null(group.percentile)},
          {"sides", Json::array({side_json(group.buy), side_json(group.sell)})},
          {"days", std::move(days)},
          {"answer", group.answer}};
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
                     {"directional_excess_pct", text_or_null(pick.directional_excess_pct)}});
  }
  return {{"id", line.batch.id},
          {"run_date", line.batch.run_date.to_string()},
          {"status", line.batch.status},
          {"picker", line.batch.picker},
          {"model", line.batch.model.empty() ? Json() : Json(line.batch.model)},
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
          {"mean_directional_excess_pct", text_or_null(line.mean_excess_pct)},
          {"percentile", text_or_null(line.percentile)},
          {"moves_in_doubt", moves_json(line.moves)},
          {"notes", line.notes},
          {"picks", std::move(picks)}};
}

std::string text_or_empty(const std::optional<Decimal>& value) { return value ? value->to_string() : ""; }

}  // namespace

std::string render_table(const Report& report, bool all_batches) {
  if (report.batches.empty())
    return report.asked ? "no batch in " + range_text(report.asked->first, report.asked->last) + "\n"
                        : "no batch yet\n";
  const std::size_t count = report.batches.size();
  const std::size_t older = all_batches || count <= kTableBatches ? 0 : count - kTableBatches;
  std::string out =
      "batch       status     picker           origin    days   until         return   excess  among\n";
  for (std::size_t i = older; i < count; ++i) batch_table(out, report.batches[i]);
  if (older > 0)
    out += std::to_string(older) + (older == 1 ? " older batch is" : " older batches are") +
           " left out: --all shows them\n";
  out += "\n" + wrapped(std::string(kLegend), 0) + "\n";
  for (const GroupLine& group : report.groups) group_table(out, group);
  for (const GroupLine& group : report.groups) {
    trim_line(out, group_name(group) + ":");
    out += wrapped(group.answer, 2);
  }
  return out;
}

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
                                      "reasoning"};
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
          csv_text(pick.stored.pick.reasoning)};
      out += csv_record(record);
    }
  }
  return out;
}

std::string render_json(const Report& report) {
  Json groups = Json::array();
  for (const GroupLine& group : report.groups) groups.push_back(group_json(group));
  Json batches = Json::array();
  for (const BatchLine& line : report.batches) batches.push_back(batch_json(line));
  const Json json{{"from", report.asked ? Json(report.asked->first.to_string()) : Json(nullptr)},
                  {"to", report.asked ? Json(report.asked->last.to_string()) : Json(nullptr)},
                  {"groups", std::move(groups)},
                  {"batches", std::move(batches)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace am::picks
