#include "market_file.hpp"

#include <algorithm>
#include <set>
#include <span>
#include <utility>

#include "am/base/csv.hpp"
#include "am/base/error.hpp"
#include "am/base/text.hpp"
#include "am/market/price.hpp"
#include "am/market/symbol.hpp"

namespace am::market {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxBytes = std::size_t{64} << 20U;

[[noreturn]] void refuse_line(const fs::path& file, int line, const std::string& problem) {
  refuse(file.string() + ":" + std::to_string(line), problem);
}

std::string read_checked(const fs::path& file, kernel::ReadLimits limits) {
  limits.most = kMaxBytes;
  Result<std::string, kernel::FileProblem> text = kernel::read_file(file.string(), limits);
  if (text) return std::move(text).value();
  if (text.error().kind == kernel::FileProblem::Kind::too_large)
    refuse_line(file, 1, "file is " + text.error().reason);
  throw Error(ErrorKind::no_input, file.string() + ": cannot be read: " + text.error().reason,
              "check that the file exists and that its permissions allow reading");
}

void require_text(const fs::path& file, std::string_view text) {
  const auto line_of = [&](std::size_t at) {
    return static_cast<int>(std::ranges::count(text.substr(0, at), '\n')) + 1;
  };
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
    refuse_line(file, line_of(nul), "NUL byte (expected text)");
  }
  if (is_valid_utf8(text)) return;
  std::size_t start = 0;  // find the line only now that there is one to name
  for (;;) {
    const auto end = std::min(text.find('\n', start), text.size());
    if (!is_valid_utf8(text.substr(start, end - start)))
      refuse_line(file, line_of(start), "text is not UTF-8");
    start = end + 1;
  }
}

CsvTable parse_table(const fs::path& file, std::string_view text) {
  auto table = parse_csv(text);
  if (table) return std::move(table).value();
  std::string_view reason = table.error().reason;  // "line 7: what"
  if (reason.starts_with("line ")) reason.remove_prefix(5);
  refuse(file.string() + ":" + std::string(reason.substr(0, reason.find(':'))),
         std::string(trim(reason.substr(reason.find(':') + 1))));
}

/// The end of the header line, which is the first that is not blank; npos: it is not in this text.
std::size_t end_of_head(std::string_view text) {
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = text.find('\n', start);
    if (end == std::string_view::npos) break;
    if (!trim(text.substr(start, end - start)).empty()) return end + 1;
    start = end + 1;
  }
  return std::string_view::npos;
}

/// The file up to and including its header line.
std::string read_head(const fs::path& file, const kernel::Patience& patience) {
  const auto has_head = [](std::string_view text) { return end_of_head(text) != std::string_view::npos; };
  std::string head = read_checked(file, {.patience = patience, .enough = has_head});
  if (const std::size_t end = end_of_head(head); end != std::string::npos) {
    head.resize(end);
  } else if (!head.empty() && head.back() != '\n') {
    head += '\n';
  }
  require_text(file, head);
  return head;
}

std::string checked_symbol(const fs::path& file, int line, std::string_view text) {
  if (!is_symbol(text)) {
    refuse_line(
        file, line,
        "symbol cannot be right (expected 1 to 32 visible ASCII characters, got " + shown(text) + ")");
  }
  return canonical_symbol(text);
}

std::optional<std::size_t> column_named(std::span<const std::string> header, std::string_view name) {
  const auto at = std::ranges::find(header, name, [](const std::string& text) { return to_lower(text); });
  if (at == header.end()) return std::nullopt;
  return static_cast<std::size_t>(at - header.begin());
}

}  // namespace

void refuse(const std::string& place, const std::string& problem, std::string hint) {
  throw Error(ErrorKind::data, place + ": " + problem, std::move(hint));
}

std::string read_text(const fs::path& file, const kernel::Patience& patience) {
  std::string text = read_checked(file, {.patience = patience});
  require_text(file, text);
  return text;
}

Layout read_layout(const fs::path& file, const kernel::Patience& patience) {
  const std::string head = read_head(file, patience);
  const auto header = parse_table(file, head).header;
  const int line = static_cast<int>(std::ranges::count(head, '\n'));
  const auto date = column_named(header, "date");
  if (const auto close = column_named(header, "close"); close && date) {
    return Layout{*date, {Column{checked_symbol(file, line, file.stem().string()), *close}}};
  }
  if (date != std::size_t{0} || header.size() < 2) {
    refuse_line(
        file, line,
        "header fits no layout (expected 'date' and then one column per symbol, or 'date' and 'close', got " +
            shown(join(header, ",")) + ")");
  }
  Layout layout;
  for (std::size_t i = 1; i < header.size(); ++i) {
    layout.columns.push_back(Column{checked_symbol(file, line, header[i]), i});
  }
  return layout;
}

std::vector<Series> read_series(const fs::path& file, const Layout& layout,
                                const kernel::Patience& patience) {
  const CsvTable table = parse_table(file, read_text(file, patience));
  std::vector<Series> all(layout.columns.size());
  for (Series& series : all) series.closes.reserve(table.rows.size());
  std::optional<Date> last;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const auto& row = table.rows[i];
    const auto day = Date::parse(row.at(layout.date));
    if (!day)
      refuse_line(file, table.lines[i],
                  "day cannot be read (expected YYYY-MM-DD, got " + shown(row[layout.date]) + ")");
    if (last == *day) refuse_line(file, table.lines[i], "day " + day->to_string() + " appears twice");
    if (last > *day) {
      refuse_line(file, table.lines[i],
                  "days are not ascending (expected one after " + last->to_string() + ", got " +
                      day->to_string() + ")");
    }
    last = day;
    for (std::size_t c = 0; c < layout.columns.size(); ++c) {
      const std::string& cell = row.at(layout.columns[c].index);
      if (cell.empty()) continue;
      const auto price = parse_price(cell);
      if (!price) {
        all[c].refused.emplace(*day, file.string() + ":" + std::to_string(table.lines[i]) + ": close " +
                                         shown(cell) + " " + price.error().reason);
        continue;
      }
      all[c].closes.push_back(Close{*day, *price});
    }
  }
  for (Series& series : all) series.closes.shrink_to_fit();
  return all;
}

std::vector<CorporateAction> read_splits(const fs::path& file, const std::string& source,
                                         const kernel::Patience& patience) {
  const std::string text = read_text(file, patience);
  const CsvTable table = parse_table(file, text);
  const auto symbol_at = column_named(table.header, "symbol");
  const auto day_at = column_named(table.header, "day");
  const auto ratio_at = column_named(table.header, "ratio");
  if (!symbol_at || !day_at || !ratio_at) {
    refuse_line(
        file, static_cast<int>(std::ranges::count(text.substr(0, end_of_head(text)), '\n')),
        "header is not of splits (expected symbol,day,ratio, got " + shown(join(table.header, ",")) + ")");
  }
  std::vector<CorporateAction> splits;
  std::set<std::pair<std::string, Date>> seen;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const auto& row = table.rows[i];
    const int line = table.lines[i];
    const std::string symbol = checked_symbol(file, line, row.at(*symbol_at));
    const auto day = Date::parse(row.at(*day_at));
    if (!day)
      refuse_line(file, line, "day cannot be read (expected YYYY-MM-DD, got " + shown(row[*day_at]) + ")");
    const auto ratio = parse_ratio(row.at(*ratio_at));
    if (!ratio) refuse_line(file, line, "ratio " + shown(row[*ratio_at]) + " " + ratio.error().reason);
    if (!seen.emplace(symbol, *day).second)
      refuse_line(file, line, symbol + " " + day->to_string() + " appears twice");
    splits.push_back(
        {.symbol = symbol, .day = *day, .kind = ActionKind::split, .ratio = *ratio, .source = source});
  }
  return splits;
}

}  // namespace am::market
