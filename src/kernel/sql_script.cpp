#include "sql_script.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

#include "am/base/text.hpp"

namespace am::kernel {

namespace {

bool starts_name(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' ||
         (static_cast<unsigned char>(c) & 0x80U) != 0;
}
bool in_name(char c) { return starts_name(c) || std::isdigit(static_cast<unsigned char>(c)) != 0; }

/// The statement under way: its first words, and how deep it is in parentheses and in a body of BEGIN ATOMIC … END.
struct Reading {
  int line = 0;
  std::vector<std::string> words;
  int parentheses = 0;
  int body = 0;

  bool makes_routine() const {
    if (words.empty() || words[0] != "CREATE") return false;
    const std::size_t at = words.size() > 3 && words[1] == "OR" ? 3 : 1;
    return words.size() > at && (words[at] == "FUNCTION" || words[at] == "PROCEDURE");
  }

  void take(std::string word, int at_line) {
    if (words.empty()) line = at_line;
    if (makes_routine()) {
      if (word == "BEGIN" || (word == "CASE" && body > 0)) ++body;
      if (word == "END" && body > 0) --body;
    }
    if (words.size() < 4) words.push_back(std::move(word));
  }

  bool controls_transaction() const {
    if (words.empty()) return false;
    const std::string& first = words[0];
    const std::string second = words.size() > 1 ? words[1] : "";
    if (first == "ROLLBACK") return second != "TO" && (words.size() < 3 || words[2] != "TO");
    if (first == "START" || first == "PREPARE") return second == "TRANSACTION";
    return first == "BEGIN" || first == "COMMIT" || first == "END" || first == "ABORT";
  }
};

class ScriptReader {
 public:
  explicit ScriptReader(std::string_view script) : script_(script) {}

  std::optional<ScriptStatement> find() {
    while (at_ < script_.size()) {
      const char c = script_[at_];
      if (c == ';' && reading_.parentheses == 0 && reading_.body == 0) {
        if (reading_.controls_transaction()) break;
        reading_ = {};
        ++at_;
      } else if (!skip_quoted_or_comment(c)) {
        step(c);
      }
    }
    if (!reading_.controls_transaction()) return std::nullopt;
    return ScriptStatement{reading_.line, reading_.words[0]};
  }

 private:
  void move_to(std::size_t end) {
    end = std::min(end, script_.size());
    line_ += static_cast<int>(std::count(script_.begin() + static_cast<std::ptrdiff_t>(at_),
                                         script_.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
    at_ = end;
  }

  /// Past the next `text` after `from`; the end of the script when there is none.
  std::size_t after(std::string_view text, std::size_t from) const {
    const std::size_t found = script_.find(text, from);
    return found == std::string_view::npos ? script_.size() : found + text.size();
  }

  bool skip_quoted_or_comment(char c) {
    const std::string_view rest = script_.substr(at_);
    if (rest.starts_with("--")) {
      move_to(after("\n", at_));
    } else if (rest.starts_with("/*")) {
      skip_comment();
    } else if (c == '\'' || c == '"') {
      skip_quoted(c, false);
    } else if (c == '$') {
      return skip_dollar_quoted();
    } else {
      return false;
    }
    return true;
  }

  void skip_comment() {
    int depth = 0;
    do {
      const std::string_view rest = script_.substr(at_);
      const bool opens = rest.starts_with("/*");
      const bool closes = rest.starts_with("*/");
      depth += (opens ? 1 : 0) - (closes ? 1 : 0);
      move_to(at_ + (opens || closes ? 2 : 1));
    } while (depth > 0 && at_ < script_.size());
  }

  void skip_quoted(char quote, bool escapes) {
    std::size_t i = at_ + 1;
    for (; i < script_.size(); ++i) {
      if (escapes && script_[i] == '\\') {
        ++i;
      } else if (script_[i] == quote) {
        if (i + 1 == script_.size() || script_[i + 1] != quote) break;
        ++i;
      }
    }
    move_to(i + 1);
  }

  bool skip_dollar_quoted() {
    std::size_t end = at_ + 1;
    if (end < script_.size() && starts_name(script_[end])) {
      while (end < script_.size() && in_name(script_[end])) ++end;
    }
    if (end == script_.size() || script_[end] != '$') return false;  // a parameter, $1
    const std::string_view tag = script_.substr(at_, end + 1 - at_);
    move_to(after(tag, end + 1));
    return true;
  }

  void step(char c) {
    if (c == '(') ++reading_.parentheses;
    if (c == ')' && reading_.parentheses > 0) --reading_.parentheses;
    if (!starts_name(c)) {
      move_to(at_ + 1);
      return;
    }
    std::size_t end = at_;
    while (end < script_.size() && (in_name(script_[end]) || script_[end] == '$')) ++end;
    const std::string word = to_upper(script_.substr(at_, end - at_));
    const int line = line_;
    move_to(end);
    if (word == "E" && end < script_.size() && script_[end] == '\'') {
      skip_quoted('\'', true);
    } else {
      reading_.take(word, line);
    }
  }

  std::string_view script_;
  std::size_t at_ = 0;
  int line_ = 1;
  Reading reading_;
};

}  // namespace

std::optional<ScriptStatement> find_transaction_control(std::string_view script) {
  return ScriptReader(script).find();
}

}  // namespace am::kernel
