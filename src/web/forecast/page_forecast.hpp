#pragma once
// The parts of a series' page: each a statement, and what its result looks like. Private.

#include <optional>
#include <string>
#include <vector>

#include "am/kernel/db.hpp"
#include "series_reads.hpp"

namespace am::web {

/// Weeks and months that are predicted, with what came where all their days are known.
kernel::Statement series_totals(const std::string& name);
std::string totals_html(const kernel::Rows& rows);

/// How good forecasts were, by how far ahead they looked: the newest scores of either kind.
kernel::Statement series_scores(const std::string& name);
std::string scores_html(const kernel::Rows& rows);

/// Why a day is forecast as it is, from what is stored. day: empty: the first that has not come.
std::vector<kernel::Statement> why_statements(const std::string& name, const std::optional<std::string>& day);
/// results: of those statements, from `first` on.
std::string why_html(const std::string& name, const std::optional<std::string>& day,
                     const std::vector<kernel::Rows>& results, std::size_t first);

}  // namespace am::web
