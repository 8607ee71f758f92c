#pragma once
// The documents behind the routes, one function each. Private.

#include "route.hpp"

namespace am::web {

// api_picks.cpp
std::vector<kernel::Statement> ask_latest(const Args& args);
Document make_latest(const Args& args, const std::vector<kernel::Rows>& results);
std::vector<kernel::Statement> ask_batches(const Args& args);
Document make_batches(const Args& args, const std::vector<kernel::Rows>& results);
std::vector<kernel::Statement> ask_batch(const Args& args);
Document make_batch(const Args& args, const std::vector<kernel::Rows>& results);
std::vector<kernel::Statement> ask_events(const Args& args);
Document make_events(const Args& args, const std::vector<kernel::Rows>& results);

// api_service.cpp
Document api_health(const Args& args, const Source& source);
Document api_livez(const Args& args, const Source& source);
Document api_readyz(const Args& args, const Source& source);
Document api_metrics(const Args& args, const Source& source);
Document api_openapi(const Args& args, const Source& source);

// page_*.cpp
Document page_latest(const Args& args, const Source& source);
Document page_batches(const Args& args, const Source& source);
Document page_batch(const Args& args, const Source& source);
Document page_report(const Args& args, const Source& source);
Document page_status(const Args& args, const Source& source);
Document style_sheet(const Args& args, const Source& source);

}  // namespace am::web
