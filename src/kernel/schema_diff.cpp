#include "schema_diff.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <tuple>

#include "am/base/text.hpp"

namespace am::kernel {

namespace {

constexpr std::string_view kShadow = "am_shadow_";

struct Item {
  std::string definition;  ///< type, constraint or index
  bool not_null = false;
  bool unique = false;
  std::optional<std::string> default_value;
};

/// (table, kind, name) → item; kind is "table", "column", "constraint" or "index".
using Catalog = std::map<std::tuple<std::string, std::string, std::string>, Item>;

constexpr std::string_view kCatalogSql = R"(
WITH t AS (
  SELECT c.oid, CASE WHEN n.nspname = $2 THEN c.relname ELSE n.nspname || '.' || c.relname END AS name
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY ($1::text[])
)
SELECT t.name AS tab, 'table' AS kind, '' AS name, '' AS definition, false AS not_null, false AS uniq, NULL AS def FROM t
UNION ALL
SELECT t.name, 'column', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, false,
       CASE WHEN a.attidentity <> '' THEN 'identity' ELSE pg_catalog.pg_get_expr(d.adbin, d.adrelid, true) END
FROM t JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
UNION ALL
SELECT t.name, 'constraint', CASE WHEN c.contype = 'p' THEN 'primary key' ELSE c.conname END,
       pg_catalog.pg_get_constraintdef(c.oid, true), false, false, NULL
FROM t JOIN pg_catalog.pg_constraint c ON c.conrelid = t.oid AND c.contype IN ('p', 'u', 'f', 'c', 'x')
UNION ALL
SELECT t.name, 'index', i.relname, pg_catalog.pg_get_indexdef(x.indexrelid, 0, true), false, x.indisunique, NULL
FROM t JOIN pg_catalog.pg_index x ON x.indrelid = t.oid JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_constraint c WHERE c.conindid = x.indexrelid AND c.contype IN ('p', 'u', 'x'))
)";

/// Without the shadow's prefix, so that both catalogs read the same.
std::string plain(std::string text) {
  for (std::size_t at = text.find(kShadow); at != std::string::npos; at = text.find(kShadow, at))
    text.erase(at, kShadow.size());
  return text;
}

Catalog read_catalog(Sql& sql, const std::vector<SqlValue>& schemas, const std::string& main_schema) {
  Catalog catalog;
  const Rows rows = sql.query(kCatalogSql, sql_values(sql_array(schemas), main_schema));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    Item item{plain(row.text("definition")), row.boolean("not_null"), row.boolean("uniq"),
              row.maybe_text("def")};
    catalog[{plain(row.text("tab")), row.text("kind"), plain(row.text("name"))}] = std::move(item);
  }
  return catalog;
}

struct Word {
  std::size_t at;
  std::string_view text;
};

std::vector<Word> words_of(std::string_view sql) {
  const auto in_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  std::vector<Word> words;
  for (std::size_t i = 0; i < sql.size();) {
    std::size_t end = i;
    while (end < sql.size() && in_word(sql[end])) ++end;
    if (end > i) words.push_back({i, sql.substr(i, end - i)});
    i = std::max(end, i + 1);
  }
  return words;
}

/// The i-th word is the name in CREATE SCHEMA [IF NOT EXISTS] name.
bool names_new_schema(const std::vector<Word>& words, std::size_t i) {
  const auto is = [&](std::size_t back, std::string_view word) {
    return back <= i && to_lower(words[i - back].text) == word;
  };
  const std::size_t skipped = is(1, "exists") && is(2, "not") && is(3, "if") ? 3 : 0;
  return is(skipped + 1, "schema") && is(skipped + 2, "create") && !is(0, "if");
}

/// The schemas that the files create by name ("ops").
std::set<std::string, std::less<>> named_schemas(std::span<const Migration> migrations) {
  std::set<std::string, std::less<>> names;
  for (const Migration& migration : migrations) {
    const std::vector<Word> words = words_of(migration.up);
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (names_new_schema(words, i)) names.emplace(words[i].text);
    }
  }
  return names;
}

/// The same statements on the shadow's schemas: CREATE SCHEMA ops and ops.runs become am_shadow_ops.
std::string in_shadow(const std::string& sql, const std::set<std::string, std::less<>>& schemas) {
  std::string out;
  std::size_t copied = 0;
  const std::vector<Word> words = words_of(sql);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::size_t end = words[i].at + words[i].text.size();
    const bool qualifies = end < sql.size() && sql[end] == '.';
    if (!schemas.contains(words[i].text) || !(qualifies || names_new_schema(words, i))) continue;
    out.append(sql, copied, words[i].at - copied).append(kShadow);
    copied = words[i].at;
  }
  return out.append(sql, copied);
}

std::string shown(std::string_view kind, const std::string& table, const std::string& name) {
  if (kind == "table") return "table " + table;
  if (kind == "column") return "column " + table + "." + name;
  if (name == "primary key") return "primary key of " + table;
  return std::string(kind) + " " + name + " on " + table;
}

void compare(const std::string& what, const Item& actual, const Item& expected,
             std::vector<std::string>& out) {
  if (actual.definition != expected.definition)
    out.push_back(what + ": " + actual.definition + " (expected " + expected.definition + ")");
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
bool harmful(std::string_view kind, const Item& item) {
  if (kind == "column") return item.not_null && !item.default_value;
  return kind == "constraint" || (kind == "index" && item.unique);
}

std::vector<std::string> differences(const Catalog& actual, const Catalog& expected) {
  std::vector<std::string> out;
  const auto has_table = [](const Catalog& catalog, const std::string& table) {
    return catalog.contains({table, "table", ""});
  };
  for (const auto& [key, item] : expected) {
    const auto& [table, kind, name] = key;
    if (kind != "table" && !has_table(actual, table)) continue;
    const auto found = actual.find(key);
    if (found == actual.end()) {
      out.push_back(shown(kind, table, name) + ": missing");
    } else {
      compare(shown(kind, table, name), found->second, item, out);
    }
  }
  for (const auto& [key, item] : actual) {
    const auto& [table, kind, name] = key;
    if (expected.contains(key) || !has_table(expected, table) || !harmful(kind, item)) continue;
    out.push_back(shown(kind, table, name) + ": unexpected (" + item.definition +
                  (kind == "column" ? ", not null, no default)" : ")"));
  }
  return out;
}

}  // namespace

std::vector<std::string> schema_differences(Transaction& transaction, std::span<const Migration> applied) {
  const std::string main_schema =
      transaction.query("SELECT coalesce(current_schema(), 'public') AS s").only().text("s");
  const auto named = named_schemas(applied);
  std::vector<SqlValue> real{main_schema};
  std::vector<SqlValue> shadow{std::string(kShadow) + main_schema};
  for (const std::string& schema : named) {
    real.emplace_back(schema);
    shadow.emplace_back(std::string(kShadow) + schema);
  }
  const Catalog actual = read_catalog(transaction, real, main_schema);

  transaction.query("SAVEPOINT am_shadow");
  const std::string quoted = "\"" + *shadow.front() + "\"";
  transaction.script("CREATE SCHEMA " + quoted + "; SET LOCAL search_path = " + quoted);
  for (const Migration& migration : applied) transaction.script(in_shadow(migration.up, named));
  const Catalog expected = read_catalog(transaction, shadow, *shadow.front());
  transaction.script("ROLLBACK TO SAVEPOINT am_shadow; RELEASE SAVEPOINT am_shadow");
  return differences(actual, expected);
}

}  // namespace am::kernel
