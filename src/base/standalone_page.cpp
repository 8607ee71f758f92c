#include "am/base/standalone_page.hpp"

#include "am/base/hash.hpp"
#include "am/base/html.hpp"

namespace am {

namespace {

/// Base64 of a SHA-256 given in hex: how a Content-Security-Policy names the one style sheet that it allows.
std::string base64_of_hex(const std::string& hex) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto nibble = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); };
  std::string out;
  unsigned bits = 0;
  int held = 0;
  for (const char c : hex) {
    bits = (bits << 4U) | nibble(c);
    held += 4;
    if (held < 6) continue;
    held -= 6;
    out += kAlphabet[(bits >> static_cast<unsigned>(held)) & 63U];
  }
  if (held > 0) out += kAlphabet[(bits << static_cast<unsigned>(6 - held)) & 63U];
  while (out.size() % 4 != 0) out += '=';
  return out;
}

}  // namespace

std::string standalone_page(const StandalonePage& page) {
  return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-" +
         base64_of_hex(sha256_hex(page.style)) +
         "'; base-uri 'none'; form-action 'none'\">"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"referrer\" "
         "content=\"no-referrer\">"
         "<title>" +
         escape_html(page.title) + "</title><style>" + page.style + "</style></head>\n<body><header>" +
         page.head_html + "</header>\n<main>\n" + page.main_html + "</main>\n<footer>" + page.foot_html +
         "</footer></body></html>\n";
}

}  // namespace am
