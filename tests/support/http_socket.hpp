#pragma once
// A client that speaks HTTP/1.1 byte by byte, so that it can be slow, rude or wrong. Loopback only.

#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace am::test {

struct HttpAnswer {
  int status = 0;
  std::string version;                         ///< "HTTP/1.1"
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

class HttpSocket {
 public:
  /// Connects to 127.0.0.1 from `source` ("127.0.0.2": any of the loopback range). receive_buffer: bytes that the
  /// kernel keeps for it, 0: as it likes. Errors: std::runtime_error.
  explicit HttpSocket(int port, const std::string& source = "127.0.0.1", int receive_buffer = 0);
  explicit HttpSocket(const std::string& unix_path);
  ~HttpSocket();
  HttpSocket(const HttpSocket&) = delete;
  HttpSocket& operator=(const HttpSocket&) = delete;

  /// False: the server closed.
  bool send(const std::string& bytes);
  void finish_sending();
  /// The next answer; nullopt when the server closed, or said nothing for so long. head: one without a body.
  std::optional<HttpAnswer> answer(bool head = false,
                                   std::chrono::milliseconds longest = std::chrono::seconds(20));
  /// Whether the server closes within that time (what it sends before is dropped).
  bool closed_within(std::chrono::milliseconds longest);
  std::optional<HttpAnswer> get(const std::string& target, const std::string& headers = {},
                                const std::string& method = "GET");

 private:
  bool read_more(std::chrono::steady_clock::time_point end);
  int fd_ = -1;
  bool closed_ = false;
  std::string buffer_;
};

/// One request on a connection of its own; status 0: no answer.
HttpAnswer http_get(int port, const std::string& target, const std::string& headers = {},
                    const std::string& method = "GET");

}  // namespace am::test
