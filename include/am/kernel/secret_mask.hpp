#pragma once
// The one place where text from outside loses our secrets. A vendor may repeat what it was sent, in an error, a
// value, a header; so every answer and every error of a transport is masked before anybody reads it, and no key gets
// into an event, a page, a mail, the log or a row. What a file of the user says is not masked.

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "am/kernel/config.hpp"
#include "am/kernel/http_client.hpp"

namespace am::kernel {

/// Shorter ones are not looked for: "am" or "key1" is found in words that are no secret.
inline constexpr std::size_t kShortestSecret = 8;

/// What nobody may read back: each secret as it is; of a URL also its password, of an http URL that is a secret (a
/// dead-man's switch) its path and the values of its query; of the other URLs the password.
std::vector<std::string> secrets_in(const Config& config);

/// Replaces secrets by ***: as they are or in base64, with each character escaped as URLs, JSON or HTML do, or not.
///
/// Shape:   secrets that overlap become one ***. A secret of digits (with . and -) only where it stands alone, so that
///          no number of a price or a moment is cut out of a longer one.
/// Threads: safe from any.
class SecretMask {
 public:
  explicit SecretMask(const std::vector<std::string>& secrets);
  std::string operator()(std::string_view text) const;

 private:
  std::size_t longest_at(std::string_view text, std::size_t at) const;

  std::vector<std::string> forms_;
  std::array<bool, 256> starts_{};  ///< whether a form can begin with that byte, escaped or not
};

/// Masks headers and body of what inner answers, and what its errors say. inner must outlive it.
std::unique_ptr<Transport> make_masking_transport(Transport& inner, SecretMask mask);

}  // namespace am::kernel
