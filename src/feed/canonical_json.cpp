#include "canonical_json.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "am/base/text.hpp"

namespace am::feed {

namespace {

constexpr int kDeepest = 200;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// Appends the value's canonical form; false: it is none, or the text ends in it.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool value(std::string& out, int depth) {
    skip_blanks();
    switch (peek()) {
      case '{':
        return depth < kDeepest && object(out, depth + 1);
      case '[':
        return depth < kDeepest && array(out, depth + 1);
      case '"':
        return string(out);
      case 't':
        return word("true", out);
      case 'f':
        return word("false", out);
      case 'n':
        return word("null", out);
      default:
        return number(out);
    }
  }

  bool at_end() {
    skip_blanks();
    return at_ == text_.size();
  }

 private:
  /// NUL at the end: no JSON has one outside.
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_blanks() {
    while (peek() == ' ' || peek() == '\n' || peek() == '\t' || peek() == '\r') ++at_;
  }

  bool takes(char c) {
    skip_blanks();
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  bool object(std::string& out, int depth) {
    std::vector<std::pair<std::string, std::string>> members;
    takes('{');
    if (!takes('}')) {
      do {
        auto& [key, member] = members.emplace_back();
        skip_blanks();
        if (!string(key) || !takes(':') || !value(member, depth)) return false;
      } while (takes(','));
      if (!takes('}')) return false;
    }
    std::ranges::stable_sort(members, {},
                             [](const auto& member) -> const std::string& { return member.first; });
    out += '{';
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i > 0) out += ',';
      out.append(members[i].first).append(":").append(members[i].second);
    }
    out += '}';
    return true;
  }

  bool array(std::string& out, int depth) {
    takes('[');
    out += '[';
    if (takes(']')) {
      out += ']';
      return true;
    }
    for (;;) {
      if (!value(out, depth)) return false;
      if (takes(']')) break;
      if (!takes(',')) return false;
      out += ',';
    }
    out += ']';
    return true;
  }

  bool string(std::string& out) {
    const std::size_t begin = at_;
    if (peek() != '"') return false;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        out.append(text_.substr(begin, ++at_ - begin));
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c == '\\' && !escape()) return false;
    }
    return false;
  }

  /// From the backslash to the escape's last character.
  bool escape() {
    ++at_;
    if (peek() != 'u')
      return peek() != '\0' && std::string_view("\"\\/bfnrt").find(peek()) != std::string_view::npos;
    for (int i = 0; i < 4; ++i) {
      ++at_;
      if (!is_hex(peek())) return false;
    }
    return true;
  }

  bool word(std::string_view wanted, std::string& out) {
    if (text_.substr(at_, wanted.size()) != wanted) return false;
    at_ += wanted.size();
    out.append(wanted);
    return true;
  }

  bool digits() {
    const std::size_t begin = at_;
    while (is_digit(peek())) ++at_;
    return at_ > begin;
  }

  bool number(std::string& out) {
    const std::size_t begin = at_;
    if (peek() == '-') ++at_;
    if (peek() == '0') {
      ++at_;
    } else if (!digits()) {
      return false;
    }
    if (peek() == '.') {
      ++at_;
      if (!digits()) return false;
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!digits()) return false;
    }
    out.append(text_.substr(begin, at_ - begin));
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::string> canonical_json(std::string_view text) {
  Reader reader(text);
  std::string out;
  out.reserve(text.size());
  if (!reader.value(out, 0) || !reader.at_end()) return Reject{"not JSON: " + shown(text)};
  return out;
}

}  // namespace am::feed
