#pragma once
// The part of a series' page that is its own: statements, and what their results look like. Private.

#include <optional>
#include <string>
#include <vector>

#include "am/kernel/db.hpp"

namespace am::web {

/// Why a day is forecast as it is, from what is stored. day: empty: the first that has not come.
std::vector<kernel::Statement> why_statements(const std::string& name, const std::optional<std::string>& day);
/// results: of those statements, from `first` on.
std::string why_html(const std::string& name, const std::optional<std::string>& day,
                     const std::vector<kernel::Rows>& results, std::size_t first);

}  // namespace am::web
