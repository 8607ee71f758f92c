#pragma once
// An HTTP/1 request, read by the letter of RFC 9112. A proxy in front must see the same requests in the same
// bytes, so what two readers could take in two ways is refused and never repaired: bare line feeds, folded lines, a blank
// before a colon, doubled or odd framing headers, chunks that hold anything. Boost.Beast parses; what it would mend or wait
// for is refused around it. Private.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "am/base/result.hpp"
#include "http_chunks.hpp"

namespace am::kernel {

struct RequestHead {
  std::string_view method;
  std::string_view target;  ///< "/path?query", also when "http://host/path?query" was sent; "*" for OPTIONS
  int minor = 1;            ///< of HTTP/1.x: 0 or 1
  bool keep_alive = true;   ///< what the client wants
  bool chunked = false;
  std::uint64_t content_length = 0;
  // Of several lines of a name the first; empty: none, or nothing in it.
  std::string_view if_none_match;
  std::string_view accept_encoding;
  std::string_view accept;
  std::string_view origin;
  std::string_view request_id;
  std::string_view content_type;
  std::string_view authorization;  ///< a secret
  bool expects_continue = false;   ///< waits for "100 Continue" before it sends its body
};

/// Why a request is not served: 400, 413, 414, 431, or 505 for a version that is well-formed and neither 1.0 nor 1.1.
struct BadRequest {
  int status = 400;
  std::string message;
};

struct RequestLimits {
  std::size_t head = 8192;  ///< bytes, the request line included; below 64 KiB, Beast's limit of a field
  std::size_t target = 2048;
  std::size_t body = 0;  ///< bytes; 0: none is accepted
};

/// One request, whose bytes come in pieces. An empty body ("Content-Length: 0", chunks that hold nothing) is none; one that
/// is longer than the limit is refused before it is read.
class RequestReader {
 public:
  explicit RequestReader(RequestLimits limits);
  ~RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  enum class State {
    more,    ///< not all of it is there
    whole,   ///< head() and body() are it, size() its length
    refused  ///< problem() says why; head() has method and target if there were any
  };
  /// bytes: all since the request began, the same as the last time and what has come since; what follows the request
  /// is left alone. Not to be called again once it is whole or refused.
  State read(std::string_view bytes);

  /// Its views point into the reader.
  const RequestHead& head() const { return head_; }
  const std::string& body() const { return body_; }
  /// Of what read() last saw: the client has sent its head and nothing more, and waits to be told to go on.
  bool waits_for_continue() const { return waits_for_continue_; }
  std::size_t size() const { return size_; }
  const BadRequest& problem() const { return problem_; }

 private:
  struct Parser;  ///< Beast's

  std::optional<BadRequest> bad_line(std::string_view line, std::size_t end) const;
  std::optional<BadRequest> take_line(std::string_view bytes, std::size_t end);
  std::optional<BadRequest> take_request_line(std::string line);
  std::optional<BadRequest> take_fields(std::string_view lines);
  State read_body(std::string_view bytes);
  State read_no_body(std::string_view bytes);
  State refuse(BadRequest problem);
  bool in_first_line() const { return line_ == begin_; }

  RequestLimits limits_;
  RequestHead head_;
  BadRequest problem_;
  std::unique_ptr<Parser> parser_;  ///< what head_ points into
  std::size_t begin_ = 0;           ///< of the request line: 2 behind an empty line
  std::size_t line_ = 0;            ///< where the line begins that is not complete
  std::size_t scanned_ = 0;         ///< no line feed between line_ and here
  std::size_t fields_ = 0;          ///< where the second line begins
  std::size_t head_end_ = 0;        ///< 0: the head is not complete
  std::size_t size_ = 0;
  bool waits_for_continue_ = false;
  std::optional<ChunkReader> chunks_;
  std::string body_;
};

}  // namespace am::kernel
