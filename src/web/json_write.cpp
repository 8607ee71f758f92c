#include "json_write.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace am::web {

namespace {

/// Text that is written as it is.
bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&';
  });
}

/// JSON with < > & U+0080 to U+009F U+2028 U+2029 as \u….: they occur within strings only.
void append_html_safe(std::string& out, std::string_view json) {
  for (std::size_t i = 0; i < json.size(); ++i) {
    const std::string_view rest = json.substr(i);
    if (rest[0] == '<') {
      out += "\\u003c";
    } else if (rest[0] == '>') {
      out += "\\u003e";
    } else if (rest[0] == '&') {
      out += "\\u0026";
    } else if (rest.size() > 1 && rest[0] == '\xc2' && static_cast<unsigned char>(rest[1]) < 0xa0) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      const auto low = static_cast<unsigned char>(rest[1]);
      out += "\\u00";
      out += kDigits[low >> 4U];
      out += kDigits[low & 0xfU];
      i += 1;
    } else if (rest.starts_with("\u2028") || rest.starts_with("\u2029")) {
      out += rest[2] == '\xa8' ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      out += rest[0];
    }
  }
}

}  // namespace

std::string json_text(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  if (is_plain(text)) {
    out += '"';
    out += text;
    out += '"';
  } else {
    append_html_safe(out,
                     nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  return out;
}

void append_stored(std::string& out, std::string_view json) {
  std::string compact;
  compact.reserve(json.size());
  bool in_string = false;
  bool escaped = false;
  for (const char c : json) {
    if (c == ' ' && !in_string) continue;
    compact += c;
    if (c == '"' && !escaped) in_string = !in_string;
    escaped = c == '\\' && !escaped;
  }
  append_html_safe(out, compact);
}

}  // namespace am::web
