// Any bytes as a request where bodies are taken: the same whether it comes at once or byte by byte, never longer than the
// limit, and the same body when it is sent with its length.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "am/base/text.hpp"
#include "kernel/http_request.hpp"

namespace {

using am::kernel::RequestReader;
using State = RequestReader::State;

constexpr am::kernel::RequestLimits kLimits{.head = 512, .target = 128, .body = 64};

void require(bool holds) {
  if (!holds) std::abort();
}

void check(std::string_view bytes) {
  RequestReader at_once(kLimits);
  const State result = at_once.read(bytes);
  RequestReader slowly(kLimits);
  State state = State::more;
  std::size_t taken = 0;
  while (state == State::more && taken < bytes.size()) state = slowly.read(bytes.substr(0, ++taken));
  require(state == result || bytes.empty());
  if (result == State::refused) {
    const auto& problem = at_once.problem();
    require(problem.status == 400 || problem.status == 413 || problem.status == 414 ||
            problem.status == 431 || problem.status == 505);
    require(problem.message.size() < 150 && am::printable(problem.message) == problem.message);
  }
  if (result != State::whole) return;
  require(taken == at_once.size() && slowly.size() == at_once.size() && slowly.body() == at_once.body());
  require(at_once.body().size() <= kLimits.body && at_once.size() <= bytes.size());
  const std::string plain =
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(at_once.body().size()) + "\r\n\r\n" +
      at_once.body();
  RequestReader again(kLimits);
  require(again.read(plain) == State::whole && again.size() == plain.size() &&
          again.body() == at_once.body());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check(bytes);
  check("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(bytes));
  return 0;
}
