#pragma once
// The documents behind the routes, one function each. Private.

#include "route.hpp"

namespace am::web {

// api_picks.cpp
Document api_latest(const Args& args, const Source& source);
Document api_batches(const Args& args, const Source& source);
Document api_batch(const Args& args, const Source& source);
Document api_events(const Args& args, const Source& source);

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
