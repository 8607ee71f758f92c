#pragma once
// How a session is read from its row. Private.

#include <string>

#include "am/strategy/sessions.hpp"

namespace am::strategy {

/// Of trading.sessions s, trading.strategies t and trading.users u (session_tables).
std::string session_columns();
inline constexpr std::string_view kSessionTables =
    " FROM trading.sessions s JOIN trading.strategies t ON t.id = s.strategy_id JOIN trading.users u ON u.id = s.user_id ";
Session session_of(const kernel::Row& row);

/// As it is written in SQL; a person's other ways of writing it are taken. Errors: no_input: it is no session's id.
std::string canonical_session_id(const std::string& id);
Error no_session(std::string_view name);

}  // namespace am::strategy
