#pragma once
// The supplier as the configuration names it. Private.

#include <memory>
#include <string>

#include "am/cli/context.hpp"
#include "am/feed/nivoda.hpp"

namespace am::cli {

/// Of the budget that all its workers share, and in logs and errors.
inline constexpr const char* kNivoda = "nivoda";

feed::NivodaOptions nivoda_options(Context& context);
/// The token that this host's workers share. For every thread of this process the same object.
std::unique_ptr<feed::NivodaTokens> nivoda_tokens(Context& context);

}  // namespace am::cli
