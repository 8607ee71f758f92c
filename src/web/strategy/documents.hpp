#pragma once
// What the strategy desk's section is made of. Private.

#include <string_view>
#include <vector>

#include "am/web/section.hpp"

namespace am::web {

inline constexpr std::string_view kSessionsPage = "/pages/strategy";

// strategy_schemas.cpp, strategy_style.cpp, strategy_glossary.cpp
std::string_view strategy_schemas();
std::string_view strategy_style();
std::vector<Term> strategy_terms();

// api_sessions.cpp
std::vector<kernel::Statement> ask_sessions(const Args& args);
Document make_sessions(const Args& args, const std::vector<kernel::Rows>& results);
std::vector<kernel::Statement> ask_session(const Args& args);
Document make_session(const Args& args, const std::vector<kernel::Rows>& results);

// api_booked.cpp
std::vector<kernel::Statement> ask_trades(const Args& args);
Document make_trades(const Args& args, const std::vector<kernel::Rows>& results);
std::vector<kernel::Statement> ask_portfolio(const Args& args);
Document make_portfolio(const Args& args, const std::vector<kernel::Rows>& results);

// page_*.cpp
Document page_sessions(const Args& args, const Source& source);
Document page_session(const Args& args, const Source& source);

}  // namespace am::web
