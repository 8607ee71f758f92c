#pragma once
// What tables, views, sequences, functions and types there are in the schemas of migrations, and the same migrations on
// other schemas ("shadows"), whose names start with am_shadow_. Both read alike, so that they can be compared.

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>

#include "am/kernel/migrations.hpp"

namespace am::kernel {

struct SchemaItem {
  std::string definition;  ///< type, constraint, index, body
  bool not_null = false;
  bool unique = false;
  std::optional<std::string> default_value;
};

/// (table, kind, name): kind is "column", "constraint", "index" or "trigger" of that table; or with an empty name "table",
/// "view", "sequence", "function" or "type", and the first is its own name, without "public.".
using SchemaKey = std::tuple<std::string, std::string, std::string>;
using SchemaCatalog = std::map<SchemaKey, SchemaItem>;
using SchemaNames = std::set<std::string, std::less<>>;

/// public, and the schemas that the files create by name ("ops").
SchemaNames schemas_of(std::span<const Migration> migrations);

/// Of the schemas, or of their shadows. Sets the transaction's search_path: how a definition names a table depends on it.
SchemaCatalog read_catalog(Transaction& transaction, const SchemaNames& schemas, bool shadow);

/// The schema that stands for public while shadows are made; to be created first.
std::string shadow_public();
/// The statements on the schemas' shadows: CREATE SCHEMA ops and ops.runs become am_shadow_ops.
std::string in_shadow(const std::string& sql, const SchemaNames& schemas);

/// The transaction finds names in this schema alone, and in the system's. A session's temporary tables come last.
void look_in(Transaction& transaction, const std::string& schema);

}  // namespace am::kernel
