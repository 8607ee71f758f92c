#include "am/kernel/secret_mask.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "am/base/text.hpp"
#include "percent_encoding.hpp"

namespace am::kernel {

namespace {

constexpr std::string_view kMask = "***";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Without the padding, which a careless copy leaves out.
std::string base64(std::string_view text) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    bits = bits << 8U | static_cast<unsigned char>(c);
    for (held += 8; held >= 6; held -= 6) out += kDigits[bits >> (held - 6) & 63U];
  }
  if (held > 0) out += kDigits[bits << (6 - held) & 63U];
  return out;
}

/// A byte as a URL, JSON or HTML writes it.
struct Written {
  char byte = 0;
  std::size_t length = 0;  ///< 0: nothing is escaped there
};

/// \u002b and \", \\, \/
Written json_escape_at(std::string_view text) {
  if (text.size() < 2) return {};
  if (text[1] == '"' || text[1] == '\\' || text[1] == '/') return {text[1], 2};
  if (text.size() < 6 || to_lower(text.substr(1, 3)) != "u00") return {};
  const int high = hex_digit(text[4]);
  const int low = hex_digit(text[5]);
  if (high < 0 || high > 7 || low < 0) return {};
  return {static_cast<char>(high * 16 + low), 6};
}

/// &amp; and its like, &#43; and &#x2b;
Written html_escape_at(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, char>, 5> kNamed{
      {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}}};
  for (const auto& [name, byte] : kNamed) {
    if (text.starts_with(name)) return {byte, name.size()};
  }
  if (!text.starts_with("&#")) return {};
  const bool hex = text.size() > 2 && to_lower(text.substr(2, 1)) == "x";
  std::size_t at = hex ? 3 : 2;
  int byte = 0;
  for (; at < text.size() && byte < 128; ++at) {
    const int digit = hex_digit(text[at]);
    if (digit < 0 || (!hex && digit > 9)) break;
    byte = byte * (hex ? 16 : 10) + digit;
  }
  if (byte == 0 || byte > 127 || at >= text.size() || text[at] != ';') return {};
  return {static_cast<char>(byte), at + 1};
}

Written escape_at(std::string_view text) {
  switch (text.empty() ? ' ' : text.front()) {
    case '+':
      return {' ', 1};
    case '%': {
      const int high = text.size() < 3 ? -1 : hex_digit(text[1]);
      const int low = high < 0 ? -1 : hex_digit(text[2]);
      return low < 0 ? Written{} : Written{static_cast<char>(high * 16 + low), 3};
    }
    case '\\':
      return json_escape_at(text);
    case '&':
      return html_escape_at(text);
    default:
      return {};
  }
}

/// How much of the text is the secret, from its first byte on, each byte escaped or not; 0: it is not there.
std::size_t length_of(std::string_view secret, std::string_view text) {
  if (text.starts_with(secret)) return secret.size();
  std::size_t at = 0;
  for (const char c : secret) {
    const Written escaped = escape_at(text.substr(at));
    if (escaped.length > 0 && escaped.byte == c) {
      at += escaped.length;
    } else if (at < text.size() && text[at] == c) {
      ++at;
    } else {
      return 0;
    }
  }
  return at;
}

/// A URL cut into what can be a secret of its own.
struct UrlParts {
  std::string_view user_info;
  std::string_view path;  ///< without the first slash
  std::string_view query;
};

UrlParts parts_of(std::string_view url) {
  UrlParts parts;
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return parts;
  url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find('#'));
  if (const auto question = url.find('?'); question != std::string_view::npos) {
    parts.query = url.substr(question + 1);
    url = url.substr(0, question);
  }
  const auto slash = std::min(url.find('/'), url.size());
  const std::string_view authority = url.substr(0, slash);
  if (const auto at = authority.rfind('@'); at != std::string_view::npos)
    parts.user_info = authority.substr(0, at);
  parts.path = url.substr(std::min(slash + 1, url.size()));
  return parts;
}

void add_password(std::vector<std::string>& all, std::string_view user_info) {
  const auto colon = user_info.find(':');
  if (colon == std::string_view::npos) return;
  all.emplace_back(user_info.substr(colon + 1));
  all.push_back(percent_decoded(user_info.substr(colon + 1)));
  all.push_back(percent_decoded(user_info));  // its base64 is what Basic authentication sends
}

void add_query(std::vector<std::string>& all, std::string_view query) {
  for (const std::string& parameter : split(query, '&')) {
    const std::string value = parameter.substr(parameter.find('=') + 1);
    all.push_back(value);
    all.push_back(percent_decoded(value));
  }
}

/// "host=db password='a b'", as libpq takes it too.
void add_keyword_password(std::vector<std::string>& all, std::string_view conninfo) {
  constexpr std::string_view kKeyword = "password=";
  for (auto at = conninfo.find(kKeyword); at != std::string_view::npos; at = conninfo.find(kKeyword, at)) {
    at += kKeyword.size();
    const bool quoted = at < conninfo.size() && conninfo[at] == '\'';
    const std::string_view rest = conninfo.substr(at + (quoted ? 1 : 0));
    all.emplace_back(rest.substr(0, rest.find_first_of(quoted ? "'" : " \t")));
  }
}

/// "Endpoint=sb://…;SharedAccessKey=…", in any case.
void add_access_keys(std::vector<std::string>& all, std::string_view connection) {
  for (const std::string& part : split(connection, ';')) {
    const auto equals = part.find('=');
    const std::string name = to_lower(trim(std::string_view(part).substr(0, equals)));
    if (equals != std::string::npos && (name == "sharedaccesskey" || name == "sharedaccesssignature"))
      all.emplace_back(trim(std::string_view(part).substr(equals + 1)));
  }
}

void add_secret(std::vector<std::string>& all, const std::string& value) {
  all.push_back(value);
  add_access_keys(all, value);
  if (value.find("://") == std::string::npos) return add_keyword_password(all, value);
  const UrlParts parts = parts_of(value);
  add_password(all, parts.user_info);
  if (value.starts_with("http")) {
    all.push_back(percent_decoded(parts.user_info));
    all.emplace_back(parts.path);
    add_query(all, parts.query);
    return;
  }
  // A database: of its parameters only the passwords are secrets, not the socket's directory.
  for (const std::string& parameter : split(parts.query, '&')) {
    const auto equals = parameter.find('=');
    if (equals != std::string::npos && parameter.substr(0, equals).ends_with("password"))
      add_query(all, parameter);
  }
}

bool is_number_like(std::string_view text) {
  return text.find_first_not_of("0123456789.-") == std::string_view::npos;
}

bool belongs_to_a_number(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-';
}

class MaskingTransport final : public Transport {
 public:
  MaskingTransport(Transport& inner, SecretMask mask) : inner_(inner), mask_(std::move(mask)) {}

  HttpResponse send(const HttpRequest& request) override {
    try {
      HttpResponse response = inner_.send(request);
      response.body = mask_(response.body);
      for (auto& [name, value] : response.headers) {
        name = mask_(name);
        value = mask_(value);
      }
      return response;
    } catch (const Error& error) {
      throw error.with_text(mask_(error.message()), mask_(error.hint()));
    }
  }

 private:
  Transport& inner_;
  SecretMask mask_;
};

}  // namespace

std::vector<std::string> secrets_in(const Config& config) {
  std::vector<std::string> all;
  for (const ConfigKey& key : config.keys()) {
    if (!config.is_set(key.name)) continue;
    if (key.type == KeyType::secret) {
      add_secret(all, config.secret(key.name));
    } else if (key.type == KeyType::url) {
      const std::string& url = config.text(key.name);
      add_password(all, parts_of(url).user_info);
      all.push_back(percent_decoded(parts_of(url).user_info));  // a token may stand there alone
    }
  }
  return all;
}

SecretMask::SecretMask(const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    if (secret.size() < kShortestSecret) continue;
    for (std::string form : {secret, base64(secret)}) {
      if (std::ranges::find(forms_, form) != forms_.end()) continue;
      starts_.at(static_cast<unsigned char>(form.front())) = true;
      forms_.push_back(std::move(form));
    }
  }
  for (const char escape : {'%', '\\', '&', '+'}) starts_.at(static_cast<unsigned char>(escape)) = true;
}

std::size_t SecretMask::longest_at(std::string_view text, std::size_t at) const {
  std::size_t longest = 0;
  if (!starts_.at(static_cast<unsigned char>(text[at]))) return longest;
  for (const std::string& form : forms_) {
    const std::size_t length = length_of(form, text.substr(at));
    const std::size_t end = at + length;
    if (length <= longest) continue;
    if (is_number_like(form) && ((at > 0 && belongs_to_a_number(text[at - 1])) ||
                                 (end < text.size() && belongs_to_a_number(text[end]))))
      continue;
    longest = length;
  }
  return longest;
}

std::string SecretMask::operator()(std::string_view text) const {
  std::string masked;
  std::size_t kept = 0;  // what is before it is in `masked`
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t length = longest_at(text, at);
    if (length == 0) continue;
    if (at >= kept) masked.append(text.substr(kept, at - kept)).append(kMask);
    kept = std::max(kept, at + length);
  }
  return masked.append(text.substr(kept));
}

std::unique_ptr<Transport> make_masking_transport(Transport& inner, SecretMask mask) {
  return std::make_unique<MaskingTransport>(inner, std::move(mask));
}

}  // namespace am::kernel
