#pragma once
// What the pages of the picks desk share. Private.

#include <optional>
#include <string>
#include <string_view>

#include "am/base/date.hpp"

namespace am::web {

/// A batch's page.
std::string batch_path(Date run_date);
/// For the footer: that so many stored figures are left out; empty for none.
std::string left_out_html(std::size_t count);
/// Why the exchange is closed on that day; empty on a session, and where the calendar ends.
std::optional<std::string_view> closed_reason(Date date);

}  // namespace am::web
