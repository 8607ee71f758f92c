#include "http_request.hpp"

#include <algorithm>

#include <arpa/inet.h>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <fmt/format.h>

#include "am/base/text.hpp"

namespace am::kernel {

namespace http = boost::beast::http;
using boost::beast::iequals;
using http::field;

struct RequestReader::Parser : http::request_parser<http::empty_body> {};

namespace {

constexpr std::size_t kAroundTarget = 64;  // method, version and blanks of a request line
constexpr std::size_t kLongestZero = 16;   // digits of a last chunk's size

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_alnum(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

BadRequest malformed(std::string_view message) {
  return {400, fmt::format("malformed request: {}", message)};
}
BadRequest too_long(int status, std::string_view what, std::size_t limit) {
  return {status, fmt::format("the {} too long (expected at most {} bytes)", what, limit)};
}
BadRequest with_body(std::size_t limit) {
  return limit == 0 ? BadRequest{413, "a request body is not accepted"}
                    : too_long(413, "request body is", limit);
}

/// RFC 3986: a name, an IPv4 address, or an IPv6 address in brackets; then perhaps a port. May be empty.
bool is_host(std::string_view text) {
  const std::size_t bracket = text.starts_with('[') ? std::min(text.find(']'), text.size()) : 0;
  const std::size_t colon = std::min(text.find(':', bracket), text.size());
  const std::string name(text.substr(0, colon));
  const std::string_view port = text.substr(std::min(colon + 1, text.size()));
  if (!port.empty() && !parse_integer(port, 0, 65535)) return false;
  if (bracket > 0) {
    in6_addr parsed{};
    return bracket + 1 == name.size() &&
           inet_pton(AF_INET6, name.substr(1, bracket - 1).c_str(), &parsed) == 1;
  }
  for (std::size_t at = 0; at < name.size(); ++at) {
    constexpr std::string_view kMarks = "-._~!$&'()*+,;=";
    if (name[at] == '%' && at + 2 < name.size() && is_hex(name[at + 1]) && is_hex(name[at + 2])) {
      at += 2;
    } else if (!is_alnum(name[at]) && kMarks.find(name[at]) == kMarks.npos) {
      return false;
    }
  }
  return true;
}

/// "http://host/path" becomes "/path" (RFC 9112, 3.2.2): the host says nothing that the server would go by. Empty: not a
/// target.
std::string origin_form(std::string_view target) {
  const std::size_t scheme = std::min(target.find("://"), target.size());
  if (!iequals(target.substr(0, scheme), "http") && !iequals(target.substr(0, scheme), "https")) return {};
  const std::string_view rest = target.substr(std::min(scheme + 3, target.size()));
  const std::size_t path = std::min(rest.find_first_of("/?#"), rest.size());
  if (path == 0 || rest.front() == ':' || !is_host(rest.substr(0, path))) return {};
  return (rest.substr(path).starts_with('/') ? "" : "/") + std::string(rest.substr(path));
}

BadRequest bad_request_line(std::string_view line, boost::system::error_code error) {
  if (error != http::error::bad_method && std::ranges::count(line, ' ') > 2)
    return malformed("a space in its target");
  if (error == http::error::bad_method || error == http::error::bad_target)
    return malformed("expected METHOD TARGET HTTP/1.1 in its first line");
  return malformed("expected HTTP/1.1 at the end of its first line");
}

/// Where the request ends must be beyond doubt; so must be who is asked.
std::optional<BadRequest> bad_framing(const http::fields& fields, int minor) {
  const std::size_t lengths = fields.count(field::content_length);
  if (const std::size_t codings = fields.count(field::transfer_encoding); codings > 0) {
    if (codings > 1 || !iequals(fields[field::transfer_encoding], "chunked"))
      return BadRequest{400, "the Transfer-Encoding is not supported (expected chunked)"};
    if (lengths > 0) return malformed("both Transfer-Encoding and Content-Length");
    if (minor == 0) return malformed("Transfer-Encoding in HTTP/1.0");
  }
  const std::string_view length = fields[field::content_length];
  if (lengths > 1 || (lengths == 1 && length.empty()) || !std::ranges::all_of(length, is_digit))
    return malformed("its Content-Length is not one number");
  return {};
}

std::optional<BadRequest> bad_host(const http::fields& fields, int minor) {
  const std::size_t hosts = fields.count(field::host);
  if (hosts > 1 || (hosts == 0 && minor == 1)) return BadRequest{400, "expected exactly one Host header"};
  if (!is_host(fields[field::host])) return malformed("its Host is not a host");
  return {};
}

bool has_option(const http::fields& fields, std::string_view option) {
  const auto [first, last] = fields.equal_range(field::connection);
  return std::any_of(first, last,
                     [&](const auto& each) { return http::token_list(each.value()).exists(option); });
}

}  // namespace

RequestReader::RequestReader(RequestLimits limits) : limits_(limits), parser_(std::make_unique<Parser>()) {
  parser_->header_limit(UINT32_MAX);  // ours counts to the byte, and before a line is whole
  parser_->body_limit(boost::none);
}

RequestReader::~RequestReader() = default;

RequestReader::State RequestReader::read(std::string_view bytes) {
  if (begin_ == 0 && bytes.starts_with("\r\n")) begin_ = line_ = scanned_ = 2;  // RFC 9112, 2.2
  while (head_end_ == 0) {
    const std::size_t line_feed = std::min(bytes.find('\n', scanned_), bytes.size());
    const std::string_view line = bytes.substr(line_, line_feed - line_);
    auto problem = bad_line(line, std::min(line_feed + 1, bytes.size()));
    if (!problem && line_feed == bytes.size()) {
      scanned_ = line_feed;
      return State::more;
    }
    if (!problem) problem = take_line(bytes, line_feed + 1);
    if (problem) return refuse(std::move(*problem));
  }
  return read_body(bytes.substr(head_end_));
}

/// What is no HTTP is told at once and not when its time is over. `line`: what there is of it.
std::optional<BadRequest> RequestReader::bad_line(std::string_view line, std::size_t end) const {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (in_first_line()) {
    if (std::ranges::any_of(line, is_control)) return malformed("this is not HTTP");
    if (line.size() > limits_.target + kAroundTarget) return too_long(414, "URL is", limits_.target);
  }
  if (end - begin_ > limits_.head) return too_long(431, "headers are", limits_.head);
  return {};
}

/// Beast would wait for a carriage return, or mend the line.
std::optional<BadRequest> RequestReader::take_line(std::string_view bytes, std::size_t end) {
  const std::string_view line = bytes.substr(line_, end - line_);
  if (!line.ends_with("\r\n")) return malformed("a line does not end in CR LF");
  std::optional<BadRequest> problem;
  if (in_first_line()) {
    problem = take_request_line(std::string(line));
    fields_ = end;
  } else if (line == "\r\n") {
    problem = take_fields(bytes.substr(fields_, end - fields_));
    head_end_ = end;
  } else if (line.front() == ' ' || line.front() == '\t') {
    problem = malformed("a header is folded over two lines");
  }
  line_ = scanned_ = end;
  return problem;
}

std::optional<BadRequest> RequestReader::take_request_line(std::string line) {
  const std::string version = line.substr(line.rfind(' ') + 1);  // "HTTP/1.1\r\n"
  const bool other = version.size() == 10 && version.starts_with("HTTP/") && is_digit(version[5]) &&
                     version[6] == '.' && is_digit(version[7]) && (version[5] != '1' || version[7] > '1');
  if (other) line.replace(line.size() - version.size(), 8, "HTTP/1.1");  // for the method and the target
  boost::system::error_code error;
  if (parser_->put({line.data(), line.size()}, error) < line.size()) return bad_request_line(line, error);
  auto& parsed = parser_->get();
  head_.method = parsed.method_string();
  head_.target = parsed.target();
  head_.minor = parsed.version() == 11 ? 1 : 0;
  if (other) return BadRequest{505, "the HTTP version is not supported (expected 1.1 or 1.0)"};
  const bool is_asterisk = head_.target == "*" && head_.method == "OPTIONS";
  if (!head_.target.starts_with('/') && !is_asterisk && head_.method != "CONNECT") {
    parsed.target(origin_form(head_.target));
    head_.target = parsed.target();
    if (head_.target.empty()) return malformed("its target is neither a path nor an http URL");
  }
  if (head_.target.size() > limits_.target) return too_long(414, "URL is", limits_.target);
  return {};
}

/// Beast stops at a framing field that it does not take; so that it is named for what it is, it is judged with the others.
std::optional<BadRequest> RequestReader::take_fields(std::string_view lines) {
  boost::system::error_code error;
  const std::size_t taken = parser_->put({lines.data(), lines.size()}, error);
  if (error == http::error::bad_field) return malformed("a header is not of the form Name: value");
  auto& fields = parser_->get();
  if (error) {
    const std::string_view line = lines.substr(taken, lines.find("\r\n", taken) - taken);
    if (error == http::error::bad_line_ending ||
        std::ranges::any_of(line, [](char c) { return is_control(c) && c != '\t'; }))
      return malformed("a control character in a header");
    const std::size_t colon = line.find(':');
    fields.insert(line.substr(0, colon), line.substr(colon + 1));
  }
  if (auto problem = bad_framing(fields, head_.minor)) return problem;
  if (error == http::error::bad_content_length) return with_body(limits_.body);  // a number above 64 bits
  if (error) return malformed("its Connection is not a list of names");
  if (auto problem = bad_host(fields, head_.minor)) return problem;
  head_.keep_alive = !has_option(fields, "close") && (head_.minor == 1 || has_option(fields, "keep-alive"));
  head_.chunked = parser_->chunked();
  head_.content_length = parser_->content_length().value_or(0);
  head_.if_none_match = fields[field::if_none_match];
  head_.accept_encoding = fields[field::accept_encoding];
  head_.accept = fields[field::accept];
  head_.origin = fields[field::origin];
  head_.request_id = fields["X-Request-Id"];
  head_.content_type = fields[field::content_type];
  head_.authorization = fields[field::authorization];
  head_.expects_continue = head_.minor == 1 && iequals(fields[field::expect], "100-continue");
  // Two readers could go by two of them. Where no body is taken, nobody asks who sends it.
  if (limits_.body > 0 && fields.count(field::authorization) > 1)
    return BadRequest{400, "expected at most one Authorization header"};
  return {};
}

RequestReader::State RequestReader::read_body(std::string_view bytes) {
  if (limits_.body == 0) return read_no_body(bytes);
  if (head_.content_length > limits_.body) return refuse(with_body(limits_.body));
  waits_for_continue_ = head_.expects_continue && bytes.empty();
  if (head_.chunked) {
    if (!chunks_) chunks_.emplace(limits_.body);
    switch (chunks_->read(bytes)) {
      case ChunkReader::State::more:
        return State::more;
      case ChunkReader::State::malformed:
        return refuse(malformed("its chunks are not of the form SIZE, bytes"));
      case ChunkReader::State::too_long:
        return refuse(with_body(limits_.body));
      case ChunkReader::State::whole:
        size_ = head_end_ + chunks_->size();
        body_ = chunks_->take();
        return State::whole;
    }
  }
  if (bytes.size() < head_.content_length) return State::more;
  body_ = bytes.substr(0, head_.content_length);
  size_ = head_end_ + body_.size();
  return State::whole;
}

/// Chunks that hold nothing are zeros, CR LF, CR LF; extensions and trailers have no business in a request without a body.
/// Beast would take both.
RequestReader::State RequestReader::read_no_body(std::string_view bytes) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  std::size_t length = 0;
  if (head_.content_length > 0) return refuse(with_body(0));
  if (head_.chunked) {
    const std::size_t zeros = std::min(bytes.find_first_not_of('0'), bytes.size());
    const std::string_view rest = bytes.substr(zeros, kEnd.size());
    if (!rest.empty() && is_hex(rest.front())) return refuse(with_body(0));
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
