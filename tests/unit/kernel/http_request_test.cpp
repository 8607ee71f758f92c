#include "kernel/http_request.hpp"

#include <gtest/gtest.h>

namespace am::kernel {
namespace {

using State = RequestReader::State;

/// "GET /path 1.1 keep", or "400 message", or "more"; the same byte by byte and at once.
std::string said(const std::string& bytes, RequestLimits limits = {}) {
  const auto text = [](const RequestReader& reader, State state) -> std::string {
    if (state == State::more) return "more";
    const RequestHead& head = reader.head();
    if (state == State::refused)
      return std::to_string(reader.problem().status) + " " + reader.problem().message;
    return std::string(head.method) + " " + std::string(head.target) + " 1." + std::to_string(head.minor) +
           (head.keep_alive ? " keep" : " close");
  };
  RequestReader at_once(limits);
  std::string result = text(at_once, at_once.read(bytes));
  RequestReader slowly(limits);
  State state = State::more;
  std::size_t taken = 0;
  while (state == State::more && taken < bytes.size())
    state = slowly.read(std::string_view(bytes).substr(0, ++taken));
  EXPECT_EQ(text(slowly, state), result) << "byte by byte";
  if (state == State::whole) {
    EXPECT_EQ(slowly.size(), at_once.size());
    EXPECT_EQ(taken, slowly.size()) << "known as soon as its last byte is there";
  }
  return result;
}

std::string get(const std::string& lines) { return said("GET /a HTTP/1.1\r\n" + lines + "\r\n"); }
std::string with_host(const std::string& lines) { return get("Host: h\r\n" + lines); }
std::string target(const std::string& sent, const std::string& method = "GET") {
  return said(method + " " + sent + " HTTP/1.1\r\nHost: h\r\n\r\n");
}

constexpr const char* kServed = "GET /a 1.1 keep";
constexpr const char* kCoding = "400 the Transfer-Encoding is not supported (expected chunked)";
constexpr const char* kHost = "400 malformed request: its Host is not a host";
constexpr const char* kTarget = "400 malformed request: its target is neither a path nor an http URL";
constexpr const char* kChunks = "400 malformed request: its chunks are not empty";
constexpr const char* kBody = "413 a request body is not accepted";

TEST(RequestReader, TakesWhatItNeedsFromTheHead) {
  RequestReader reader({});
  const std::string bytes =
      "HEAD /a?b=c HTTP/1.1\r\nhost:h\r\nACCEPT: \t text/html \t\r\nAccept-Encoding: gzip\r\nIf-None-Match: \"x\"\r\n"
      "Origin: https://a.example\r\nX-Request-Id: r-1\r\nAccept: second\r\nX-Empty:\r\n\r\nGET /next";
  ASSERT_EQ(reader.read(bytes), State::whole);
  EXPECT_EQ(reader.size(), bytes.size() - 9) << "what follows is another request";
  const RequestHead& head = reader.head();
  EXPECT_EQ(head.method, "HEAD");
  EXPECT_EQ(head.target, "/a?b=c");
  EXPECT_EQ(head.accept, "text/html");
  EXPECT_EQ(head.accept_encoding, "gzip");
  EXPECT_EQ(head.if_none_match, "\"x\"");
  EXPECT_EQ(head.origin, "https://a.example");
  EXPECT_EQ(head.request_id, "r-1");
}

TEST(RequestReader, KeepsAConnectionByItsVersionsRule) {
  EXPECT_EQ(with_host("Connection: close\r\n"), "GET /a 1.1 close");
  EXPECT_EQ(with_host("Connection: x, CLOSE\r\n"), "GET /a 1.1 close");
  EXPECT_EQ(with_host("Connection: keep-alive\r\nConnection: close\r\n"), "GET /a 1.1 close");
  EXPECT_EQ(with_host("Connection: closed\r\n"), kServed);
  EXPECT_EQ(said("GET /a HTTP/1.0\r\n\r\n"), "GET /a 1.0 close");
  EXPECT_EQ(said("GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"), "GET /a 1.0 keep");
  EXPECT_EQ(said("GET /a HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n"), "GET /a 1.0 close");
}

TEST(RequestReader, TakesNoTransferCodingButChunked) {
  EXPECT_EQ(with_host("Transfer-Encoding: chunked\r\n"), "more") << "its chunks are to come";
  for (const char* coding : {"", "identity", "gzip", "xchunked", "chunkedx", "chunked, chunked", "chunked,",
                             ",chunked", "gzip, chunked", "chunked, gzip", "\"chunked\"", "chunked;q=1"})
    EXPECT_EQ(with_host("Transfer-Encoding: " + std::string(coding) + "\r\n"), kCoding) << coding;
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  EXPECT_EQ(with_host(chunked + chunked), kCoding);
  EXPECT_EQ(with_host(chunked + "Transfer-Encoding: identity\r\n"), kCoding);
  EXPECT_EQ(with_host(chunked + "Content-Length: 0\r\n"),
            "400 malformed request: both Transfer-Encoding and Content-Length");
  EXPECT_EQ(with_host("Content-Length: 5\r\n" + chunked),
            "400 malformed request: both Transfer-Encoding and Content-Length");
  EXPECT_EQ(said("GET /a HTTP/1.0\r\n" + chunked + "\r\n"),
            "400 malformed request: Transfer-Encoding in HTTP/1.0");
  EXPECT_EQ(with_host("Transfer-Encoding : chunked\r\n"),
            "400 malformed request: a header is not of the form Name: value");
  EXPECT_EQ(with_host("Transfer-Encoding:\r\n chunked\r\n"),
            "400 malformed request: a header is folded over two lines");
}

TEST(RequestReader, AnEmptyBodyIsNone) {
  EXPECT_EQ(with_host("Content-Length: 0\r\n"), kServed);
  EXPECT_EQ(with_host("Content-Length: 000\r\n"), kServed);
  const auto chunks = [](const std::string& body) {
    return said("GET /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n" + body);
  };
  EXPECT_EQ(chunks("0\r\n\r\n"), kServed);
  EXPECT_EQ(chunks("000\r\n\r\nGET / HTTP/1.1\r\n"), kServed) << "the next request is left alone";
  EXPECT_EQ(chunks("0\r\n"), "more");
  for (const char* body : {"5\r\nhello\r\n0\r\n\r\n", "a", "01\r\nx"}) EXPECT_EQ(chunks(body), kBody) << body;
  for (const char* body : {"0;x=y\r\n\r\n", "0 \r\n\r\n", "0\n\n", "0\r\nX: y\r\n\r\n", "0\r\n\n", "\r\n",
                           "-0\r\n\r\n", "0x0\r\n\r\n", "00000000000000000\r\n\r\n"})
    EXPECT_EQ(chunks(body), kChunks) << body;
}

TEST(RequestReader, ABodyIsRefusedAndItsLengthIsOneNumber) {
  EXPECT_EQ(with_host("Content-Length: 1\r\n"), kBody);
  EXPECT_EQ(with_host("Content-Length: 99999999999999999999999999\r\n"), kBody);
  EXPECT_EQ(with_host("Content-Length: 18446744073709551616\r\n"), kBody) << "2^64";
  for (const char* length : {"", "+0", "-0", "0x0", "0, 0", "0,0", "0 0", "0.0", "zero"})
    EXPECT_EQ(with_host("Content-Length: " + std::string(length) + "\r\n"),
              "400 malformed request: its Content-Length is not one number")
        << length;
  EXPECT_EQ(with_host("Content-Length: 0\r\nContent-Length: 0\r\n"),
            "400 malformed request: its Content-Length is not one number");
}

TEST(RequestReader, TheHostIsOneAndAHost) {
  for (const char* host :
       {"h", "h:", "h:80", "a-b_c.example.org:65535", "127.0.0.1", "[::1]", "[::1]:8080", "%41", ""})
    EXPECT_EQ(get("Host: " + std::string(host) + "\r\n"), kServed) << host;
  for (const char* host : {"a b", "a/b", "http://a", "a@b", "a:b", "a:65536", "a:-1", "[::1", "[]", "[x]",
                           "[::1]80", "::1", "\xc3\xa9", "%4", "%zz", "a?b", "<a>"})
    EXPECT_EQ(get("Host: " + std::string(host) + "\r\n"), kHost) << host;
  EXPECT_EQ(get(""), "400 expected exactly one Host header");
  EXPECT_EQ(get("Host: h\r\nHost: h\r\n"), "400 expected exactly one Host header");
  EXPECT_EQ(get("Host: h\r\nhost: i\r\n"), "400 expected exactly one Host header");
  EXPECT_EQ(said("GET /a HTTP/1.0\r\nHost: h\r\nHost: h\r\n\r\n"), "400 expected exactly one Host header");
  EXPECT_EQ(said("GET /a HTTP/1.0\r\nHost: a b\r\n\r\n"), kHost);
}

TEST(RequestReader, AnAbsoluteTargetIsItsPath) {
  EXPECT_EQ(target("http://api.example.org/livez"), "GET /livez 1.1 keep");
  EXPECT_EQ(target("HTTPS://[::1]:8080/a?b=http://c/"), "GET /a?b=http://c/ 1.1 keep");
  EXPECT_EQ(target("http://h"), "GET / 1.1 keep");
  EXPECT_EQ(target("http://h?limit=5"), "GET /?limit=5 1.1 keep");
  EXPECT_EQ(target("http://other.example/a"), kServed) << "whatever Host says";
  EXPECT_EQ(said("GET http://h/a HTTP/1.1\r\n\r\n"), "400 expected exactly one Host header");
  EXPECT_EQ(said("GET http://h/a HTTP/1.0\r\n\r\n"), "GET /a 1.0 close");
  for (const char* wrong :
       {"ftp://h/a", "http:///a", "http://", "http://u@h/a", "http://u:p@h/a", "http://h:x/a", "http://:80/a",
        "http:/a", "://h/a", "a", "a/b", "h:80", "*", "?a", "javascript:x"})
    EXPECT_EQ(target(wrong), kTarget) << wrong;
  EXPECT_EQ(target("*", "OPTIONS"), "OPTIONS * 1.1 keep");
  EXPECT_EQ(target("h:443", "CONNECT"), "CONNECT h:443 1.1 keep");
}

TEST(RequestReader, OneEmptyLineIsSkipped) {
  EXPECT_EQ(said("\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n"), kServed);
  EXPECT_EQ(said("\r\n"), "more");
  EXPECT_EQ(said("\r\n\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n"),
            "400 malformed request: expected METHOD TARGET HTTP/1.1 in its first line");
  RequestReader reader({});
  const std::string bytes = "\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n";
  ASSERT_EQ(reader.read(bytes), State::whole);
  EXPECT_EQ(reader.size(), bytes.size());
}

TEST(RequestReader, OtherProtocolsAreToldApartAtOnce) {
  const std::string no_http = "400 malformed request: this is not HTTP";
  const std::string no_end = "400 malformed request: a line does not end in CR LF";
  const std::string no_version = "400 malformed request: expected HTTP/1.1 at the end of its first line";
  const std::string no_line = "400 malformed request: expected METHOD TARGET HTTP/1.1 in its first line";
  const std::string other = "505 the HTTP version is not supported (expected 1.1 or 1.0)";
  EXPECT_EQ(said("\x16\x03\x01\x02"), no_http) << "TLS, before it has sent a line";
  EXPECT_EQ(said("PRI * HTTP/2.0\r\n"), other) << "HTTP/2";
  for (const char* version : {"HTTP/2.0", "HTTP/3.0", "HTTP/0.9", "HTTP/1.2", "HTTP/9.9"})
    EXPECT_EQ(said("GET / " + std::string(version) + "\r\n"), other) << version;
  for (const char* version : {"HTTP/2", "HTTP/1", "HTTP/1.", "HTTP/1.10", "HTTP/11", "http/1.1", "HTTP/x.1",
                              "HTTP/1,1", "HTTPS/1.1", "ICE/1.0", "SIP/2.0"})
    EXPECT_EQ(said("GET / " + std::string(version) + "\r\n"), no_version) << version;
  EXPECT_EQ(said("GET /\r\n"), no_line) << "HTTP/0.9";
  EXPECT_EQ(said("GET / \r\n"), no_version);
  EXPECT_EQ(said("hello\r\n"), no_line);
  EXPECT_EQ(said("SSH-2.0-OpenSSH_9.2\r\n"), no_line);
  EXPECT_EQ(said(" GET / HTTP/1.1\r\n"), no_line);
  EXPECT_EQ(said("GET  / HTTP/1.1\r\n"), "400 malformed request: a space in its target");
  EXPECT_EQ(said("GET / HTTP/1.1 \r\n"), "400 malformed request: a space in its target");
  EXPECT_EQ(said("GET /a b HTTP/1.1\r\n"), "400 malformed request: a space in its target");
  EXPECT_EQ(said("GET\t/ HTTP/1.1\r\n"), no_http);
  EXPECT_EQ(said("G(T / HTTP/1.1\r\n"), no_line);
  EXPECT_EQ(said("GET /livez HTTP/1.1\n"), no_end);
  EXPECT_EQ(said("\nGET / HTTP/1.1\r\n"), no_end);
  EXPECT_EQ(said("GET / HTTP/1.1\r\nHost: h\n"), no_end);
  EXPECT_EQ(said("GET / HTTP/1.1\r\nHost: h\r\n\n"), no_end);
  EXPECT_EQ(said("GET / HTTP/1.1\r\r\n"), no_http) << "a carriage return alone";
}

TEST(RequestReader, HeadersAreLinesOfNameAndValue) {
  const std::string form = "400 malformed request: a header is not of the form Name: value";
  for (const char* line : {"Name", ": value", "Na me: v", "Name : v", "N\xc3\xa9: v", "(x): v"})
    EXPECT_EQ(with_host(std::string(line) + "\r\n"), form) << line;
  for (const char* line : {" X: y", "\tX: y", "X: y\r\n z"})
    EXPECT_EQ(with_host(std::string(line) + "\r\n"),
              "400 malformed request: a header is folded over two lines")
        << line;
  for (const char c : {'\0', '\r', '\x01', '\x7f', '\x1b'})
    EXPECT_EQ(with_host("X: a" + std::string(1, c) + "b\r\n"),
              "400 malformed request: a control character in a header");
  EXPECT_EQ(with_host("X: a\tb \xc3\xa9 : ;\r\n"), kServed);
}

// What the library refuses by itself, each told for what it is.
TEST(RequestReader, TheConnectionIsAListOfNames) {
  EXPECT_EQ(with_host("Connection:\r\n"), kServed);
  EXPECT_EQ(with_host("Connection: , x ,,y\r\n"), kServed);
  for (const char* value : {"a b", "close;q=1", "\"close\"", "(x)", "\xc3\xa9"})
    EXPECT_EQ(with_host("Connection: " + std::string(value) + "\r\n"),
              "400 malformed request: its Connection is not a list of names")
        << value;
  EXPECT_EQ(with_host("\rConnection: x\r\n"), "400 malformed request: a control character in a header");
}

TEST(RequestReader, BothLimitsCountToTheByte) {
  const RequestLimits limits{.head = 200, .target = 50};
  const auto with_target = [&](std::size_t bytes) {
    return said("GET /" + std::string(bytes - 1, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", limits).substr(0, 3);
  };
  EXPECT_EQ(with_target(50), "GET");
  EXPECT_EQ(with_target(51), "414");
  EXPECT_EQ(said("GET /" + std::string(200, 'a'), limits).substr(0, 3), "414") << "before the line is whole";
  const std::string head = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
  const auto with_head = [&](std::size_t bytes) {
    return said(head + std::string(bytes - head.size() - 4, 'a') + "\r\n\r\n", limits).substr(0, 3);
  };
  EXPECT_EQ(with_head(200), "GET");
  EXPECT_EQ(with_head(201), "431");
  EXPECT_EQ(said(head + std::string(200, 'a'), limits).substr(0, 3), "431") << "before it is whole";
}

/// What a reader that takes 16 bytes says of a POST with these header lines and bytes: "[body]", or as said().
std::string posted(const std::string& lines, const std::string& body) {
  const RequestLimits limits{.body = 16};
  const std::string bytes = "POST /a HTTP/1.1\r\nHost: h\r\n" + lines + "\r\n" + body;
  const std::string result = said(bytes, limits);
  RequestReader reader(limits);
  return reader.read(bytes) == State::whole ? "[" + reader.body() + "]" : result;
}

constexpr const char* kChunked = "Transfer-Encoding: chunked\r\n";
constexpr const char* kTooLong = "413 the request body is too long (expected at most 16 bytes)";
constexpr const char* kBadChunks = "400 malformed request: its chunks are not of the form SIZE, bytes";

TEST(RequestBody, ComesWithItsLength) {
  EXPECT_EQ(posted("Content-Length: 5\r\n", "hello"), "[hello]");
  EXPECT_EQ(posted("Content-Length: 5\r\n", std::string("a\0\r\n\xff", 5)), std::string("[a\0\r\n\xff]", 7));
  EXPECT_EQ(posted("Content-Length: 16\r\n", "0123456789abcdef"), "[0123456789abcdef]");
  EXPECT_EQ(posted("Content-Length: 0\r\n", ""), "[]");
  EXPECT_EQ(posted("", ""), "[]");
  EXPECT_EQ(posted("Content-Length: 5\r\n", "hell"), "more");
  EXPECT_EQ(posted("Content-Length: 17\r\n", ""), kTooLong) << "before it is there";
  EXPECT_EQ(posted("Content-Length: 99999999999999999999999\r\n", ""), kTooLong);
}

TEST(RequestBody, ComesInChunks) {
  EXPECT_EQ(posted(kChunked, "5\r\nhello\r\n0\r\n\r\n"), "[hello]");
  EXPECT_EQ(posted(kChunked, "1\r\nh\r\n4\r\nello\r\n00\r\n\r\n"), "[hello]");
  EXPECT_EQ(posted(kChunked, "A\r\n0123456789\r\n06\r\nabcdef\r\n0\r\n\r\n"), "[0123456789abcdef]");
  EXPECT_EQ(posted(kChunked, "0\r\n\r\n"), "[]");
  EXPECT_EQ(posted(kChunked, "2\r\n\r\n\r\n0\r\n\r\n"), "[\r\n]");
  for (const char* part : {"", "5", "5\r", "5\r\n", "5\r\nhel", "5\r\nhello", "5\r\nhello\r",
                           "5\r\nhello\r\n0\r\n", "5\r\nhello\r\n0\r\n\r"})
    EXPECT_EQ(posted(kChunked, part), "more") << part;
}

TEST(RequestBody, IsRefusedWhenItsChunksAreTooMany) {
  EXPECT_EQ(posted(kChunked, "11"), kTooLong) << "before a byte of it";
  EXPECT_EQ(posted(kChunked, "ffffffffffffffff"), kTooLong);
  EXPECT_EQ(posted(kChunked, "8\r\n01234567\r\n9"), kTooLong);
  const RequestLimits limits{.body = 1000};
  std::string bytes = "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 990; ++i) bytes += "0000000000000001\r\nx\r\n";
  EXPECT_EQ(said(bytes, limits), "413 the request body is too long (expected at most 1000 bytes)")
      << "its framing counts as well";
}

TEST(RequestBody, IsRefusedWhenTwoReadersCouldReadItsChunksDifferently) {
  for (const char* chunks :
       {"5;a=b\r\nhello\r\n0\r\n\r\n", "5 \r\nhello", " 5\r\nhello", "5\nhello", "0x5\r\nhello",
        "+5\r\nhello", "\r\n", "g", "5\r\nhello0\r\n\r\n", "5\r\nhello\n0\r\n\r\n", "0\r\nX: y\r\n\r\n",
        "0\r\n\n", "00000000000000005\r\nhello"})
    EXPECT_EQ(posted(kChunked, chunks), kBadChunks) << chunks;
}

TEST(RequestBody, LeavesTheLimitOfTheHeadAlone) {
  const RequestLimits limits{.head = 100, .body = 1000};
  const std::string body(900, 'b');
  const std::string length = "Content-Length: 900\r\n\r\n";
  EXPECT_EQ(said("POST /a HTTP/1.1\r\nHost: h\r\n" + length + body, limits), "POST /a 1.1 keep");
  EXPECT_EQ(said("POST /a HTTP/1.1\r\nHost: h\r\nX: " + std::string(80, 'x') + "\r\n" + length, limits),
            "431 the headers are too long (expected at most 100 bytes)");
}

TEST(RequestBody, LeavesWhatFollowsItAlone) {
  for (const std::string& one :
       {std::string("Content-Length: 2\r\n\r\nhi"), std::string(kChunked) + "\r\n2\r\nhi\r\n0\r\n\r\n"}) {
    const std::string request = "POST /a HTTP/1.1\r\nHost: h\r\n" + one;
    RequestReader reader({.body = 16});
    ASSERT_EQ(reader.read(request + "GET /next HTTP/1.1\r\n"), State::whole);
    EXPECT_EQ(reader.size(), request.size());
    EXPECT_EQ(reader.body(), "hi");
  }
}

TEST(RequestBody, IsWaitedForOnlyByWhoSentNothingOfIt) {
  const auto waits = [](const std::string& lines, const std::string& body,
                        RequestLimits limits = {.body = 16}) {
    RequestReader reader(limits);
    const State state = reader.read("POST /a HTTP/1.1\r\nHost: h\r\n" + lines + "\r\n" + body);
    return state == State::more && reader.waits_for_continue();
  };
  const std::string expects = "Expect: 100-Continue\r\n";
  EXPECT_TRUE(waits(expects + "Content-Length: 5\r\n", ""));
  EXPECT_TRUE(waits(expects + kChunked, ""));
  EXPECT_FALSE(waits(expects + "Content-Length: 5\r\n", "h"));
  EXPECT_FALSE(waits(expects + "Content-Length: 0\r\n", ""));
  EXPECT_FALSE(waits(expects + "Content-Length: 17\r\n", "")) << "it is refused";
  EXPECT_FALSE(waits("Content-Length: 5\r\n", ""));
  EXPECT_FALSE(waits("Expect: something\r\nContent-Length: 5\r\n", ""));
  EXPECT_FALSE(waits(expects + kChunked, "", {})) << "where no body is taken, as ever";
}

TEST(RequestBody, HasATypeAndOneWhoSendsIt) {
  RequestReader reader({.body = 16});
  ASSERT_EQ(reader.read(
                "POST /a HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nAuthorization: Bearer x\r\n"
                "Content-Length: 2\r\n\r\n{}"),
            State::whole);
  EXPECT_EQ(reader.head().content_type, "application/json");
  EXPECT_EQ(reader.head().authorization, "Bearer x");
  const std::string two = "Authorization: Bearer x\r\nAuthorization: Bearer y\r\n";
  EXPECT_EQ(posted(two, ""), "400 expected at most one Authorization header");
  EXPECT_EQ(with_host(two), kServed) << "where no body is taken, as ever";
}

TEST(RequestReader, ARefusedRequestIsNamedAsFarAsItWasRead) {
  RequestReader reader({});
  ASSERT_EQ(reader.read("HEAD /secret HTTP/1.1\r\nX: " + std::string(100, 'a') + "\r\nHost: a b\r\n\r\n"),
            State::refused);
  EXPECT_EQ(reader.head().method, "HEAD");
  EXPECT_EQ(reader.head().target, "/secret");
  RequestReader other({});
  ASSERT_EQ(other.read("PRI * HTTP/2.0\r\n"), State::refused);
  EXPECT_EQ(other.head().method, "PRI");
}

}  // namespace
}  // namespace am::kernel
