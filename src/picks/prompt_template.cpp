#include "am/picks/prompt_template.hpp"

#include <algorithm>

#include "am/base/error.hpp"
#include "am/base/text.hpp"

namespace am::picks {

namespace {

constexpr std::string_view kOpen = "{{";
constexpr std::string_view kClose = "}}";
constexpr std::string_view kRunDate = "run_date";
constexpr std::string_view kBenchmark = "benchmark";
constexpr std::string_view kDivider = "---";

constexpr std::string_view kUsual =
    "You are an equity analyst who picks stocks for a two-week paper portfolio. You answer only with the JSON that is "
    "asked for. You never pick a fund, an index or a stock outside the S&P 500.\n"
    "---\n"
    "It is Monday, {{run_date}}, before the market opens. Pick exactly 3 different stocks of the S&P 500 to BUY or SELL "
    "for the two weeks starting {{run_date}}, those that you expect to beat the index most (BUY) or to fall behind it "
    "most (SELL). For each give its ticker in capitals (a class of shares after a dot, as in BRK.B), the reasoning in two "
    "or three sentences, and the action, BUY or SELL. Pick each share once, and not {{benchmark}}, which they are "
    "measured against.";
constexpr std::string_view kShape =
    " Answer with nothing but one JSON object: "
    R"({"picks": [{"ticker": "...", "reasoning": "...", "action": "BUY"}, ... 3 of them]})";

/// LF alone ends a line.
std::string plain_lines(std::string_view text) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  std::string lines;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    lines += text[i];
  }
  return std::string(trim(lines));
}

/// Where the line is that parts the messages; npos: there is none.
std::size_t divider_in(std::string_view text) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (trim(text.substr(begin, end - begin)) == kDivider) return begin;
    begin = end + 1;
  }
  return std::string_view::npos;
}

std::string line_of(std::string_view text, std::size_t at) {
  return std::to_string(1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

/// What is wrong with its placeholders; empty: nothing.
std::string placeholder_problem(std::string_view text) {
  bool dated = false;
  for (std::size_t open = text.find(kOpen); open != text.npos; open = text.find(kOpen, open)) {
    const std::size_t end = text.find(kClose, open);
    if (end == text.npos) return "line " + line_of(text, open) + ": {{ without its }}";
    const std::string_view name = text.substr(open + kOpen.size(), end - open - kOpen.size());
    if (name != kRunDate && name != kBenchmark)
      return "line " + line_of(text, open) + ": unknown placeholder {{" + one_line(name, 40) +
             "}} (expected {{run_date}} or {{benchmark}}" +
             (trim(name) == kRunDate || trim(name) == kBenchmark ? ", without spaces)" : ")");
    dated = dated || name == kRunDate;
    open = end + kClose.size();
  }
  return dated ? "" : "{{run_date}} is not in it, so every week would be asked the same";
}

PromptTemplate parted(std::string text) {
  PromptTemplate result;
  const std::size_t divider = divider_in(text);
  const std::size_t after = divider == text.npos ? 0 : std::min(text.find('\n', divider), text.size());
  result.system = divider == text.npos ? "" : std::string(trim(std::string_view(text).substr(0, divider)));
  result.user = std::string(trim(std::string_view(text).substr(after)));
  result.text = std::move(text);
  return result;
}

}  // namespace

Result<PromptTemplate> PromptTemplate::parse(std::string_view text) {
  if (text.size() > kMostTemplate) return Reject{"it is above 64 KiB"};
  if (!is_valid_utf8(text) || text.find('\0') != text.npos) return Reject{"it is no UTF-8 text"};
  std::string plain = plain_lines(text);
  if (plain.empty()) return Reject{"it is empty"};
  if (std::string problem = placeholder_problem(plain); !problem.empty()) return Reject{std::move(problem)};
  const bool has_system = divider_in(plain) != plain.npos;
  PromptTemplate result = parted(std::move(plain));
  if (has_system && result.system.empty()) return Reject{"there is no system message before the line ---"};
  if (result.user.empty()) return Reject{"there is no user message after the line ---"};
  return result;
}

PromptTemplate usual_template() { return parted(std::string(kUsual)); }

PromptTemplate with_shape(PromptTemplate plain) { return parted(plain.text + std::string(kShape)); }

std::string filled(std::string_view message, Date run_date, std::string_view benchmark) {
  std::string text;
  while (!message.empty()) {
    const std::size_t open = std::min(message.find(kOpen), message.size());
    text += message.substr(0, open);
    message.remove_prefix(open);
    if (message.empty()) break;
    const std::size_t end = message.find(kClose);
    text += message.substr(kOpen.size(), end - kOpen.size()) == kRunDate ? run_date.to_string()
                                                                         : std::string(benchmark);
    message.remove_prefix(end + kClose.size());
  }
  return text;
}

PromptTemplate read_template(const std::string& path, const kernel::Patience& patience) {
  constexpr const char* kHint =
      "a text of at most 64 KiB with {{run_date}} in it, perhaps a system message before a line ---";
  const auto wrong = [&](const std::string& problem) {
    return Error(ErrorKind::config, "openai.prompt_file: " + path + ": " + problem, kHint);
  };
  const Result<std::string, kernel::FileProblem> text =
      kernel::read_file(path, {.most = kMostTemplate, .patience = patience});
  if (!text) {
    if (text.error().kind == kernel::FileProblem::Kind::too_large) throw wrong("it is above 64 KiB");
    throw wrong("cannot be read: " + text.error().reason);
  }
  Result<PromptTemplate> parsed = PromptTemplate::parse(*text);
  if (!parsed) throw wrong(parsed.error().reason);
  return std::move(parsed).value();
}

}  // namespace am::picks
