// Any bytes as what a client sends: a request is the same whether it comes at once or byte by byte, its views lie within
// limits, it is served only in a form that says itself again, and what is refused is refused with a short text (with which
// one depends on the piece that came first: too long a line may hold a control character, too).

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "am/base/text.hpp"
#include "kernel/http_request.hpp"

namespace {

using am::kernel::RequestHead;
using am::kernel::RequestReader;
using State = RequestReader::State;

constexpr am::kernel::RequestLimits kLimits{.head = 512, .target = 128};

void require(bool holds) {
  if (!holds) std::abort();
}

bool is_clean(std::string_view text) {
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F) return false;
  }
  return true;
}

bool same(const RequestHead& a, const RequestHead& b) {
  return a.method == b.method && a.target == b.target && a.minor == b.minor && a.keep_alive == b.keep_alive &&
         a.accept == b.accept && a.accept_encoding == b.accept_encoding && a.origin == b.origin &&
         a.if_none_match == b.if_none_match && a.request_id == b.request_id;
}

void check_whole(const RequestReader& reader, std::string_view bytes) {
  const RequestHead& head = reader.head();
  require(reader.size() <= bytes.size() && bytes.substr(0, reader.size()).ends_with("\r\n\r\n"));
  require(head.content_length == 0 && head.minor <= 1 && head.target.size() <= kLimits.target);
  require(head.method == "CONNECT" || head.target == "*" || head.target.starts_with('/'));
  for (const std::string_view each : {head.method, head.target, head.accept, head.accept_encoding,
                                      head.origin, head.if_none_match, head.request_id})
    require(is_clean(each));
  // What is served says itself again, in the plainest form.
  const std::string plain =
      std::string(head.method) + " " + std::string(head.target) + " HTTP/1." + std::to_string(head.minor) +
      "\r\nHost: h\r\nConnection: " + (head.keep_alive ? "keep-alive" : "close") +
      "\r\nAccept: " + std::string(head.accept) +
      "\r\nAccept-Encoding: " + std::string(head.accept_encoding) +
      "\r\nOrigin: " + std::string(head.origin) + "\r\nIf-None-Match: " + std::string(head.if_none_match) +
      "\r\nX-Request-Id: " + std::string(head.request_id) + "\r\n\r\n";
  RequestReader again({.head = 2048, .target = 128});
  require(again.read(plain) == State::whole && again.size() == plain.size() && same(again.head(), head));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  RequestReader at_once(kLimits);
  const State result = at_once.read(bytes);
  RequestReader slowly(kLimits);
  State state = State::more;
  for (std::size_t taken = 0; state == State::more && taken < size;)
    state = slowly.read(bytes.substr(0, ++taken));
  require(state == result || size == 0);
  if (result == State::whole) {
    require(slowly.size() == at_once.size() && same(slowly.head(), at_once.head()));
    check_whole(at_once, bytes);
  } else if (result == State::refused) {
    const auto& problem = at_once.problem();
    require(problem.status == 400 || problem.status == 413 || problem.status == 414 ||
            problem.status == 431 || problem.status == 505);
    require(problem.message.size() < 150 && am::printable(problem.message) == problem.message);
  }
  return 0;
}
