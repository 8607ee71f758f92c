#include "am/base/percent.hpp"
#include "am/base/text.hpp"
#include "am/picks/report.hpp"
#include "am/picks/report_text.hpp"

namespace am::picks {

namespace {

constexpr std::size_t kColumns = 100;
constexpr std::size_t kNoteColumn = 33;  ///< of a figure's words
constexpr std::size_t kFigureWidth = 9;

constexpr std::string_view kLegend =
    "All figures in percent, each rounded by itself. return: follows the price. earned: what following the advice earned, "
    "the return with its sign flipped for a SELL. benchmark: its return, same side, that is with the pick's sign; of a batch "
    "the mean over its picks. excess: earned minus benchmark. hit: a pick whose excess after 14 days is above zero. days: "
    "computed + skipped.";

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

void side_table(std::string& out, const SideLine& side) {
  trim_line(out, "  " + left(std::string(action_name(side.action)), 10) +
                     right(std::to_string(side.picks), 7) + percent(side.mean_return_pct, 10) +
                     percent(side.mean_benchmark_pct, 11) + percent(side.mean_excess_pct, 10) +
                     right(share_text(side.hit_rate_pct), 10));
}

std::string group_name(const GroupLine& group) {
  std::string name = group.name;
  if (!group.key.origin.empty()) name += ", " + group.key.origin;
  return plain(name + ", over " + join(group.benchmarks, ", "), kColumns - 1);  // and a colon
}

void figure_line(std::string& out, const FigureText& figure) {
  const std::string label = (figure.within ? "    " : "  ") + figure.label;
  const std::string note = wrapped(plain(figure.note, 3 * kColumns), kNoteColumn);
  const std::size_t width = kNoteColumn - 3 - kFigureWidth;
  trim_line(out, left(left(label, width) + right(figure.value, kFigureWidth), kNoteColumn) +
                     note.substr(kNoteColumn, note.find('\n') - kNoteColumn));
  out += note.substr(note.find('\n') + 1);
}

void group_table(std::string& out, const GroupLine& group, bool is_range) {
  trim_line(out, group_name(group));
  out += wrapped(counts_text(group), 2) + wrapped(group.answer, 2) + "\n";
  for (const FigureText& figure : figures_text(group, is_range)) figure_line(out, figure);
  out += "\n  action      picks    earned  benchmark    excess  hit rate\n";
  side_table(out, group.buy);
  side_table(out, group.sell);
  out += "\n  day       batches    earned  benchmark    excess      95 % interval, each read alone\n";
  for (const DayLine& day : group.days) {
    if (day.batches == 0) continue;
    trim_line(out, "  " + right(std::to_string(day.day), 3) + right(std::to_string(day.batches), 14) +
                       percent(day.mean_return_pct, 10) + percent(day.mean_benchmark_pct, 11) +
                       percent(day.mean_excess_pct, 10) +
                       (day.interval ? "      " + interval_text(day.interval) : ""));
  }
  out += "\n";
}

void batch_table(std::string& out, const BatchLine& line) {
  const std::string progress = std::to_string(line.computed) + "+" + std::to_string(line.skipped);
  trim_line(out, left(line.batch.run_date.to_string(), 12) + left(line.batch.status, 11) +
                     left(plain(picker_text(line.batch.picker, line.batch.model), 16), 17) +
                     left(line.batch.origin, 10) + left(progress, 7) +
                     left(line.latest ? line.latest->to_string() : "-", 11) +
                     percent(line.mean_return_pct, 9) + percent(line.mean_benchmark_pct, 11) +
                     percent(line.mean_excess_pct, 9));
  const auto prices = [&](const std::string& action, const std::string& symbol, const Decimal& initial,
                          const std::optional<Decimal>& price, const std::optional<Decimal>& change) {
    return "  " + left(action, 6) + left(plain(symbol, 10), 11) + right(price_text(initial), 12) + " -> " +
           left(price_text(price), 12) + percent(change, 12);
  };
  for (const PickLine& pick : line.picks) {
    std::string row = prices(std::string(action_name(pick.stored.pick.action)), pick.stored.pick.ticker,
                             pick.stored.initial_price, pick.price, pick.return_pct);
    if (pick.directional_excess_pct) {
      row += std::string(9, ' ') + percent(pick.directional_return_pct, 9) +
             percent(pick.directional_benchmark_pct, 11) + percent(pick.directional_excess_pct, 9);
    }
    trim_line(out, row);
  }
  trim_line(out, prices("", line.batch.benchmark_symbol, line.batch.benchmark_initial_price,
                        line.benchmark_price, line.benchmark_return_pct));
}

}  // namespace

std::string render_table(const Report& report, bool all_batches) {
  if (report.batches.empty())
    return report.asked ? "no batch in " + range_text(report.asked->first, report.asked->last) + "\n"
                        : "no batch yet\n";
  const std::size_t count = report.batches.size();
  const std::size_t older = all_batches || count <= kTableBatches ? 0 : count - kTableBatches;
  std::string out =
      "batch       status     picker           origin    days   until         earned  benchmark   excess\n"
      "  pick                  initial -> latest            return\n";
  for (std::size_t i = older; i < count; ++i) batch_table(out, report.batches[i]);
  if (older > 0)
    out += std::to_string(older) + (older == 1 ? " older batch is" : " older batches are") +
           " left out: --all shows them\n";
  out += "\n" + wrapped(std::string(kLegend), 0) + "\n";
  for (const GroupLine& group : report.groups) group_table(out, group, report.asked.has_value());
  for (const LeagueOfGroups& league : report.leagues)
    out += wrapped(plain(league_text(league, report.groups), 6 * kColumns), 0);
  if (!report.leagues.empty()) out += "\n";
  for (const GroupLine& group : report.groups) {
    trim_line(out, group_name(group) + ":");
    out += wrapped(group.answer, 2);
  }
  return out;
}

}  // namespace am::picks
