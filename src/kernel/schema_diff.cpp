#include "schema_diff.hpp"

#include "schema_catalog.hpp"

namespace am::kernel {

namespace {

bool is_part(std::string_view kind) {
  return kind == "column" || kind == "constraint" || kind == "index" || kind == "trigger";
}

std::string shown(const SchemaKey& key) {
  const auto& [table, kind, name] = key;
  if (!is_part(kind)) return kind + " " + table;
  if (kind == "column") return "column " + table + "." + name;
  if (name == "primary key") return "primary key of " + table;
  return kind + " " + name + " on " + table;
}

/// The table that it is a part of, or the thing itself, is there.
bool has_whole(const SchemaCatalog& catalog, const SchemaKey& key) {
  const auto& [table, kind, name] = key;
  return catalog.contains({table, is_part(kind) ? "table" : kind, ""});
}

bool is_text(std::string_view kind) { return kind == "view" || kind == "function"; }

void compare_item(const SchemaKey& key, const SchemaItem& actual, const SchemaItem& expected,
                  std::vector<std::string>& out) {
  const std::string what = shown(key);
  if (actual.definition != expected.definition) {
    out.push_back(is_text(std::get<1>(key))
                      ? what + ": another definition"
                      : what + ": " + actual.definition + " (expected " + expected.definition + ")");
  }
  if (actual.not_null != expected.not_null) {
    out.push_back(what +
                  (expected.not_null ? ": nullable (expected not null)" : ": not null (expected nullable)"));
  }
  if (expected.default_value && actual.default_value != expected.default_value) {
    out.push_back(what + ": default " + actual.default_value.value_or("none") + " (expected " +
                  *expected.default_value + ")");
  }
}

/// Something of theirs on a table of ours that an insert of ours could trip over.
bool harmful(std::string_view kind, const SchemaItem& item) {
  if (kind == "column") return item.not_null && !item.default_value;
  return kind == "constraint" || (kind == "index" && item.unique);
}

/// The first version above this one that makes it.
std::optional<std::size_t> made_later(std::span<const SchemaCatalog> made, std::size_t version,
                                      const SchemaKey& key) {
  for (std::size_t v = version + 1; v < made.size(); ++v) {
    if (made[v].contains(key)) return v;
  }
  return std::nullopt;
}

/// made: what the first 0, 1, 2 … files make.
std::vector<std::string> differences_from(const SchemaCatalog& actual, std::span<const SchemaCatalog> made,
                                          std::size_t version) {
  const SchemaCatalog& expected = made[version];
  std::vector<std::string> out;
  for (const auto& [key, item] : expected) {
    if (is_part(std::get<1>(key)) && !has_whole(actual, key)) continue;
    const auto found = actual.find(key);
    if (found == actual.end()) {
      out.push_back(shown(key) + ": missing");
    } else {
      compare_item(key, found->second, item, out);
    }
  }
  for (const auto& [key, item] : actual) {
    const auto& [table, kind, name] = key;
    if (expected.contains(key) || (is_part(kind) && !has_whole(expected, key))) continue;
    if (const auto later = made_later(made, version, key)) {
      out.push_back(shown(key) + ": there already (migration " + std::to_string(*later) + " makes it)");
    } else if (is_part(kind) && harmful(kind, item)) {
      out.push_back(shown(key) + ": unexpected (" + item.definition +
                    (kind == "column" ? ", not null, no default)" : ")"));
    }
  }
  return out;
}

/// What the first 0, 1, 2 … files make, by making it once more elsewhere.
std::vector<SchemaCatalog> make_in_shadow(Transaction& transaction, std::span<const Migration> files,
                                          const SchemaNames& schemas) {
  transaction.script("CREATE SCHEMA " + shadow_public());
  look_in(transaction, shadow_public());
  std::vector<SchemaCatalog> made(1);
  for (const Migration& file : files) {
    try {
      transaction.script(in_shadow(file.up, schemas));
    } catch (const Error& error) {
      throw error.within("migration " + std::to_string(file.version) + " " + file.name);
    }
    made.push_back(read_catalog(transaction, schemas, true));
  }
  return made;
}

}  // namespace

SchemaComparison compare_schema(Transaction& transaction, std::span<const Migration> files,
                                std::size_t version) {
  const SchemaNames schemas = schemas_of(files);
  transaction.query("SAVEPOINT am_shadow");
  const SchemaCatalog actual = read_catalog(transaction, schemas, false);
  std::vector<SchemaCatalog> made(1);
  if (version > 0 || !actual.empty()) made = make_in_shadow(transaction, files, schemas);
  transaction.script("ROLLBACK TO SAVEPOINT am_shadow; RELEASE SAVEPOINT am_shadow");

  SchemaComparison comparison{differences_from(actual, made, version), {}};
  std::size_t alike = 0;
  for (std::size_t v = 0; v < made.size(); ++v) {
    if (!differences_from(actual, made, v).empty()) continue;
    comparison.found = v;
    ++alike;
  }
  if (alike != 1) comparison.found.reset();
  return comparison;
}

}  // namespace am::kernel
