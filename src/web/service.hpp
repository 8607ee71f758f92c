#pragma once
// The site's own section: what machines and people ask about the service itself, whichever desks there are. Private.

#include <string>
#include <string_view>

#include "am/web/section.hpp"

namespace am::web {

const Section& service_section();

/// Its schemas, and those that any section may refer to: Id, Day, Decimal and their like.
std::string_view service_schemas();
/// What the style sheet begins with.
std::string shared_style();

// api_service.cpp
Document api_health(const Args& args, const Source& source);
Document api_livez(const Args& args, const Source& source);
Document api_readyz(const Args& args, const Source& source);
Document api_metrics(const Args& args, const Source& source);
Document api_openapi(const Args& args, const Source& source);

// api_events.cpp
std::vector<kernel::Statement> ask_events(const Args& args);
Document make_events(const Args& args, const std::vector<kernel::Rows>& results);

// page_status.cpp, style_sheet.cpp
Document page_status(const Args& args, const Source& source);
Document style_sheet(const Args& args, const Source& source);

// page_glossary.cpp, page_api.cpp, icon.cpp
Document page_glossary(const Args& args, const Source& source);
Document page_api(const Args& args, const Source& source);
Document site_icon(const Args& args, const Source& source);
inline constexpr std::string_view kGlossaryPage = "/pages/glossary";
inline constexpr std::string_view kApiPage = "/pages/api";
inline constexpr std::string_view kIconPath = "/icon.svg";
/// The words of any desk.
std::vector<Term> service_terms();

}  // namespace am::web
