#pragma once
// URLs in the configuration: what a vendor's base URL may be, and how a value is shown that may hold a password.
// Private.

#include <string>
#include <string_view>

#include "am/kernel/config.hpp"

namespace am::kernel {

/// What the URL should be and is not ("a base URL without a query or fragment"); empty: it is right.
std::string wanted_of_url(const ConfigKey& key, std::string_view url);
/// The right form of such a URL.
std::string hint_for_url(const ConfigKey& key, std::string_view url);

/// The text with *** for whatever stands before an @ in the authority of a URL in it.
std::string without_user_info(std::string_view text);

}  // namespace am::kernel
