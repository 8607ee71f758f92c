#pragma once
// What the picks desk's section is made of. Private.

#include <string_view>

#include "am/web/section.hpp"

namespace am::web {

inline constexpr std::string_view kLatestPage = "/pages/latest";
inline constexpr std::string_view kBatchesPage = "/pages/batches";
inline constexpr std::string_view kReportPage = "/pages/report";
inline constexpr std::string_view kGuidePage = "/pages/report/how-to-read";
inline constexpr std::string_view kCsvPath = "/batches.csv";
inline constexpr std::string_view kFeedPath = "/batches.atom";

// schemas.cpp, style.cpp
std::string_view picks_schemas();
std::string_view picks_style();

// glossary.cpp
std::vector<Term> picks_terms();

// api_batches.cpp
std::vector<kernel::Statement> ask_latest(const Args& args);
Document make_latest(const Args& args, const std::vector<kernel::Rows>& results);
std::vector<kernel::Statement> ask_batches(const Args& args);
Document make_batches(const Args& args, const std::vector<kernel::Rows>& results);
std::vector<kernel::Statement> ask_batch(const Args& args);
Document make_batch(const Args& args, const std::vector<kernel::Rows>& results);

// batches_csv.cpp, batches_atom.cpp
Document batches_csv(const Args& args, const Source& source);
Document batches_atom(const Args& args, const Source& source);

// page_*.cpp
Document page_latest(const Args& args, const Source& source);
Document page_batches(const Args& args, const Source& source);
Document page_batch(const Args& args, const Source& source);
Document page_report(const Args& args, const Source& source);
Document page_guide(const Args& args, const Source& source);

}  // namespace am::web
