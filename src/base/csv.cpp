#include "am/base/csv.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>
#include <utility>

#include "am/base/decimal.hpp"
#include "am/base/text.hpp"

namespace am {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{64} << 20U;

/// Walks the text once. A record ends at LF, CRLF or the end; `problem` is set at the first fault.
class Reader {
 public:
  Reader(std::string_view text, char separator)
      : text_(text), separator_(separator), stops_{'"', separator, '\r', '\n'} {}

  bool at_end() const { return at_ == text_.size(); }
  int line() const { return line_; }
  const std::optional<std::string>& problem() const { return problem_; }

  /// Fills fields with the next record; false for a blank line and after a fault.
  bool read_record(std::vector<std::string>& fields) {
    fields.clear();
    bool quoted = false;
    for (;;) {
      std::string field;
      if (!at_end() && text_[at_] == '"') {
        quoted = true;
        if (!read_quoted(field)) return false;
      } else {
        const auto stop = std::min(text_.find_first_of({stops_.data(), stops_.size()}, at_), text_.size());
        field = text_.substr(at_, stop - at_);
        at_ = stop;
      }
      fields.push_back(std::move(field));
      if (at_end()) break;
      if (text_[at_] == separator_) {
        ++at_;
        continue;
      }
      if (!end_line()) return false;
      break;
    }
    return quoted || fields.size() > 1 || !fields.front().empty();
  }

 private:
  bool read_quoted(std::string& field) {
    const int opened = line_;
    for (++at_;;) {
      const auto quote = text_.find('"', at_);
      if (quote == std::string_view::npos) {
        line_ = opened;
        return fault("quoted field is never closed");
      }
      const auto piece = text_.substr(at_, quote - at_);
      line_ += static_cast<int>(std::ranges::count(piece, '\n'));
      field += piece;
      at_ = quote + 1;
      if (at_end() || text_[at_] != '"') return true;
      field += '"';
      ++at_;
    }
  }

  bool end_line() {
    if (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ++at_;
    if (text_[at_] == '\n') {
      ++at_;
      ++line_;
      return true;
    }
    if (text_[at_] == '\r') return fault("carriage return without a line feed");
    return fault(text_[at_] == '"' ? "quote inside an unquoted field" : "text after a closing quote");
  }

  bool fault(std::string_view what) {
    problem_ = std::string(what);
    return false;
  }

  std::string_view text_;
  char separator_;
  std::array<char, 4> stops_;
  std::size_t at_ = 0;
  int line_ = 1;
  std::optional<std::string> problem_;
};

Reject at_line(int line, std::string_view what) {
  return Reject{"line " + std::to_string(line) + ": " + std::string(what)};
}

std::optional<std::string> header_problem(const std::vector<std::string>& header) {
  std::unordered_set<std::string_view> seen;
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (header[i].empty()) return "header name of column " + std::to_string(i + 1) + " is empty";
    if (!seen.insert(header[i]).second) {
      return "header name of column " + std::to_string(i + 1) + " appears twice";
    }
  }
  return std::nullopt;
}

}  // namespace

Result<CsvTable> parse_csv(std::string_view text, char separator) {
  if (text.size() > kMaxBytes) return at_line(1, "text is above 64 MiB");
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
    return at_line(static_cast<int>(std::ranges::count(text.substr(0, nul), '\n')) + 1, "NUL byte");
  }
  CsvTable table;
  Reader reader(text, separator);
  std::vector<std::string> fields;
  while (!reader.at_end()) {
    const int line = reader.line();
    const bool record = reader.read_record(fields);
    if (reader.problem()) return at_line(reader.line(), *reader.problem());
    if (!record) continue;
    if (table.header.empty()) {
      if (const auto problem = header_problem(fields)) return at_line(line, *problem);
      table.header = std::move(fields);
    } else if (fields.size() != table.header.size()) {
      return at_line(line, "expected " + std::to_string(table.header.size()) + " fields, got " +
                               std::to_string(fields.size()));
    } else {
      table.rows.push_back(std::move(fields));
      table.lines.push_back(line);
    }
    fields = {};
    fields.reserve(table.header.size());
  }
  if (table.header.empty()) return at_line(1, "no header");
  return table;
}

int csv_column(std::string_view text, int line, std::size_t field, char separator) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::size_t begin = 0;
  for (int n = 1; n < line && begin < text.size(); ++n)
    begin = std::min(text.find('\n', begin), text.size() - 1) + 1;
  std::size_t at = begin;
  for (bool quoted = false; field > 0 && at < text.size(); ++at) {
    if (text[at] == '"') quoted = !quoted;
    if (text[at] == separator && !quoted) --field;
    if (text[at] == '\n') begin = at + 1;  // within quotes: the field is on a later line
  }
  return static_cast<int>(at - begin) + 1;
}

std::string csv_text(std::string_view text) {
  static constexpr std::array<std::string_view, 8> kFormula = {"=", "+", "-", "@", "＝", "＋", "－", "＠"};
  std::string field = printable(text);
  const std::string_view begin = trim(field);
  const bool formula =
      std::ranges::any_of(kFormula, [&](std::string_view sign) { return begin.starts_with(sign); });
  return formula && !Decimal::parse(field) ? "'" + field : field;
}

std::string csv_record(std::span<const std::string> fields) {
  std::string record;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::string& field = fields[i];
    if (i > 0) record += ',';
    // A lone empty field would read back as a blank line; a leading byte-order mark would be dropped.
    const bool alone = fields.size() == 1 && field.empty();
    const bool marked = i == 0 && field.starts_with("\xEF\xBB\xBF");
    if (!alone && !marked && field.find_first_of("\",\r\n") == std::string::npos) {
      record += field;
      continue;
    }
    record += '"';
    for (const char c : field) {
      if (c == '"') record += '"';
      record += c;
    }
    record += '"';
  }
  record += '\n';
  return record;
}

}  // namespace am
