#include "http_request.hpp"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "am/base/text.hpp"

namespace am::kernel {

namespace {

constexpr std::size_t kAroundTarget = 64;   // method, version and blanks of a request line
constexpr std::size_t kLongestZero = 16;    // digits of a last chunk's size
constexpr std::size_t kLongestLength = 18;  // digits: fits 64 bits

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return is_alpha(c) || is_digit(c) || kMarks.find(c) != kMarks.npos;
  });
}

/// `lower` is in lower case.
bool same_name(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() && std::ranges::equal(text, lower, [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
         });
}

std::string_view without_blanks(std::string_view text) {
  const std::size_t first = std::min(text.find_first_not_of(" \t"), text.size());
  text.remove_prefix(first);
  return text.substr(0, text.find_last_not_of(" \t") + 1);
}

BadRequest malformed(std::string message) { return {400, "malformed request: " + std::move(message)}; }

/// RFC 3986: a name, an IPv4 address, or an IPv6 address in brackets; then perhaps a port. May be empty.
bool is_host(std::string_view text) {
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == text.npos) return false;
    const std::string address(text.substr(1, close - 1));
    in6_addr parsed{};
    if (inet_pton(AF_INET6, address.c_str(), &parsed) != 1) return false;
    port = text.substr(close + 1);
  } else {
    constexpr std::string_view kMarks = "-._~!$&'()*+,;=";
    std::size_t at = 0;
    for (; at < text.size() && text[at] != ':'; ++at) {
      const char c = text[at];
      if (c == '%' && at + 2 < text.size() && is_hex(text[at + 1]) && is_hex(text[at + 2])) {
        at += 2;
      } else if (!is_alpha(c) && !is_digit(c) && kMarks.find(c) == kMarks.npos) {
        return false;
      }
    }
    port = text.substr(at);
  }
  if (port.empty()) return true;
  return port.front() == ':' && (port.size() == 1 || parse_integer(port.substr(1), 0, 65535).has_value());
}

/// "http://host/path" becomes "/path" (RFC 9112, 3.2.2): the host says nothing that the server would go by. Where there
/// is no path, a '/' takes the place of the byte before it. Empty: not a target.
std::string_view origin_form(std::string& text, std::string_view target) {
  const std::size_t scheme = target.find("://");
  if (scheme == target.npos) return {};
  if (!same_name(target.substr(0, scheme), "http") && !same_name(target.substr(0, scheme), "https"))
    return {};
  const std::string_view rest = target.substr(scheme + 3);
  const std::size_t path = std::min(rest.find_first_of("/?#"), rest.size());
  if (path == 0 || rest.front() == ':' || !is_host(rest.substr(0, path))) return {};
  if (path < rest.size() && rest[path] == '/') return rest.substr(path);
  const auto before = static_cast<std::size_t>(rest.data() - text.data()) + path - 1;
  text[before] = '/';
  return std::string_view(text).substr(before, 1 + rest.size() - path);
}

/// "GET /path HTTP/1.1"; `line` lies within `text`.
std::optional<BadRequest> parse_request_line(std::string& text, std::string_view line, RequestHead& head) {
  const std::size_t first = std::min(line.find(' '), line.size());
  const std::size_t last = std::min(line.rfind(' '), line.size());
  if (last <= first + 1 || !is_token(line.substr(0, first)))
    return malformed("expected METHOD TARGET HTTP/1.1 in its first line");
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (target.find(' ') != target.npos) return malformed("a space in its target");
  if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) || version[6] != '.' ||
      !is_digit(version[7]))
    return malformed("expected HTTP/1.1 at the end of its first line");
  head.method = line.substr(0, first);
  head.target = target;
  if (version[5] != '1' || version[7] > '1')
    return BadRequest{505, "the HTTP version is not supported (expected 1.1 or 1.0)"};
  head.minor = version[7] - '0';
  head.keep_alive = head.minor == 1;
  const bool is_asterisk = target == "*" && head.method == "OPTIONS";
  if (target.front() == '/' || is_asterisk || head.method == "CONNECT") return {};
  head.target = origin_form(text, target);
  if (head.target.empty()) return malformed("its target is neither a path nor an http URL");
  return {};
}

/// What is counted while the header is read.
struct Framing {
  int hosts = 0;
  int lengths = 0;
  int codings = 0;
  bool close = false;
  bool keep = false;
  std::string_view host;
  std::string_view length;
  std::string_view coding;
};

void take_first(std::string_view& into, std::string_view value) {
  if (into.empty()) into = value;
}

void take_connection(std::string_view value, Framing& framing) {
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    const std::string_view option = without_blanks(value.substr(0, comma));
    framing.close = framing.close || same_name(option, "close");
    framing.keep = framing.keep || same_name(option, "keep-alive");
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
}

void take_field(std::string_view name, std::string_view value, RequestHead& head, Framing& framing) {
  if (same_name(name, "host")) {
    ++framing.hosts;
    framing.host = value;
  } else if (same_name(name, "content-length")) {
    ++framing.lengths;
    framing.length = value;
  } else if (same_name(name, "transfer-encoding")) {
    ++framing.codings;
    framing.coding = value;
  } else if (same_name(name, "connection")) {
    take_connection(value, framing);
  } else if (same_name(name, "if-none-match")) {
    take_first(head.if_none_match, value);
  } else if (same_name(name, "accept-encoding")) {
    take_first(head.accept_encoding, value);
  } else if (same_name(name, "accept")) {
    take_first(head.accept, value);
  } else if (same_name(name, "origin")) {
    take_first(head.origin, value);
  } else if (same_name(name, "x-request-id")) {
    take_first(head.request_id, value);
  }
}

std::optional<BadRequest> parse_field(std::string_view line, RequestHead& head, Framing& framing) {
  if (line.front() == ' ' || line.front() == '\t') return malformed("a header is folded over two lines");
  const std::size_t colon = line.find(':');
  if (colon == line.npos || !is_token(line.substr(0, colon)))
    return malformed("a header is not of the form Name: value");
  const std::string_view value = without_blanks(line.substr(colon + 1));
  if (std::ranges::any_of(value, [](char c) { return is_control(c) && c != '\t'; }))
    return malformed("a control character in a header");
  take_field(line.substr(0, colon), value, head, framing);
  return {};
}

/// Where the request ends must be beyond doubt; so must be who is asked.
std::optional<BadRequest> judge(const Framing& framing, RequestHead& head) {
  if (framing.hosts > 1 || (framing.hosts == 0 && head.minor == 1))
    return BadRequest{400, "expected exactly one Host header"};
  if (!is_host(framing.host)) return malformed("its Host is not a host");
  if (framing.codings > 0) {
    if (framing.codings > 1 || !same_name(framing.coding, "chunked"))
      return BadRequest{400, "the Transfer-Encoding is not supported (expected chunked)"};
    if (framing.lengths > 0) return malformed("both Transfer-Encoding and Content-Length");
    if (head.minor == 0) return malformed("Transfer-Encoding in HTTP/1.0");
    head.chunked = true;
  }
  if (framing.lengths > 0) {
    if (framing.lengths > 1 || framing.length.empty() || !std::ranges::all_of(framing.length, is_digit))
      return malformed("its Content-Length is not one number");
    const std::string_view length = framing.length.substr(0, kLongestLength);
    std::from_chars(length.data(), length.data() + length.size(), head.content_length);
    if (framing.length.size() > kLongestLength) head.content_length = UINT64_MAX;
  }
  if (framing.close || framing.keep) head.keep_alive = !framing.close;
  return {};
}

/// From the request line to the empty line, each ended by CR LF. The views point into `text`.
Result<RequestHead, BadRequest> parse_head(std::string& text) {
  RequestHead head;
  Framing framing;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find("\r\n", at), text.size());
    const std::string_view line = std::string_view(text).substr(at, end - at);
    std::optional<BadRequest> problem;
    if (at == 0) {
      problem = parse_request_line(text, line, head);
    } else if (!line.empty()) {
      problem = parse_field(line, head, framing);
    }
    if (problem) return std::move(*problem);
    at = end + 2;
  }
  if (auto problem = judge(framing, head)) return std::move(*problem);
  return head;
}

}  // namespace

RequestReader::State RequestReader::read(std::string_view bytes) {
  if (head_end_ == 0) {
    const State state = read_lines(bytes);
    if (state != State::whole) return state;
  }
  return read_body(bytes.substr(head_end_));
}

/// Line by line, so that what is no HTTP is told at once and not when its time is over.
RequestReader::State RequestReader::read_lines(std::string_view bytes) {
  if (begin_ == 0 && bytes.starts_with("\r\n")) begin_ = line_ = scanned_ = 2;  // RFC 9112, 2.2
  while (head_end_ == 0) {
    const std::size_t line_feed = std::min(bytes.find('\n', scanned_), bytes.size());
    std::string_view line = bytes.substr(line_, line_feed - line_);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (in_first_line()) {
      if (std::ranges::any_of(line, is_control)) return refuse(malformed("this is not HTTP"));
      if (line.size() > limits_.target + kAroundTarget)
        return refuse({414, fmt::format("the URL is too long (expected at most {} bytes)", limits_.target)});
    }
    if (std::min(line_feed + 1, bytes.size()) - begin_ > limits_.head)
      return refuse({431, fmt::format("the headers are too long (expected at most {} bytes)", limits_.head)});
    if (line_feed == bytes.size()) {
      scanned_ = line_feed;
      return State::more;
    }
    if (auto problem = take_line(bytes, line_feed)) return refuse(std::move(*problem));
  }
  return State::whole;
}

std::optional<BadRequest> RequestReader::take_line(std::string_view bytes, std::size_t line_feed) {
  if (line_feed == line_ || bytes[line_feed - 1] != '\r') return malformed("a line does not end in CR LF");
  const std::size_t end = line_feed + 1;
  std::optional<BadRequest> problem;
  if (in_first_line()) {
    line_text_ = bytes.substr(begin_, line_feed - 1 - begin_);
    problem = parse_request_line(line_text_, line_text_, head_);
    if (!problem && head_.target.size() > limits_.target)
      problem = {414, fmt::format("the URL is too long (expected at most {} bytes)", limits_.target)};
  } else if (line_feed == line_ + 1) {
    problem = take_head(bytes, end);
  }
  line_ = scanned_ = end;
  return problem;
}

std::optional<BadRequest> RequestReader::take_head(std::string_view bytes, std::size_t end) {
  text_ = bytes.substr(begin_, end - begin_);
  Result<RequestHead, BadRequest> head = parse_head(text_);
  if (!head) return head.error();
  head_ = *head;
  head_end_ = end;
  return {};
}

/// Chunks that hold nothing are zeros, CR LF, CR LF; extensions and trailers have no business in a request without a body.
RequestReader::State RequestReader::read_body(std::string_view bytes) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  std::size_t length = 0;
  if (head_.content_length > 0) return refuse({413, "a request body is not accepted"});
  if (head_.chunked) {
    const std::size_t zeros = std::min(bytes.find_first_not_of('0'), bytes.size());
    const std::string_view rest = bytes.substr(zeros, kEnd.size());
    if (!rest.empty() && is_hex(rest.front())) return refuse({413, "a request body is not accepted"});
    if (zeros > kLongestZero || !kEnd.starts_with(rest) || (zeros == 0 && !rest.empty()))
      return refuse(malformed("its chunks are not empty"));
    if (rest.size() < kEnd.size()) return State::more;
    length = zeros + kEnd.size();
  }
  size_ = head_end_ + length;
  return State::whole;
}

RequestReader::State RequestReader::refuse(BadRequest problem) {
  problem_ = std::move(problem);
  return State::refused;
}

}  // namespace am::kernel
