#include "schema_catalog.hpp"

#include <cctype>
#include <vector>

#include "am/base/text.hpp"

namespace am::kernel {

namespace {

constexpr std::string_view kShadow = "am_shadow_";
constexpr std::string_view kPublic = "public";

constexpr std::string_view kCatalogSql = R"(
WITH s AS (SELECT oid, CASE WHEN nspname = $2 THEN '' ELSE nspname || '.' END AS prefix FROM pg_catalog.pg_namespace
           WHERE nspname = ANY ($1::text[])),
r AS (SELECT c.oid, c.relkind, s.prefix || c.relname AS name FROM pg_catalog.pg_class c JOIN s ON s.oid = c.relnamespace),
t AS (SELECT oid, name FROM r WHERE relkind IN ('r', 'p'))
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
UNION ALL
SELECT t.name, 'trigger', g.tgname, pg_catalog.pg_get_triggerdef(g.oid, true), false, false, NULL
FROM t JOIN pg_catalog.pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal
UNION ALL
SELECT r.name, 'view', '', pg_catalog.pg_get_viewdef(r.oid, true), false, false, NULL FROM r WHERE r.relkind IN ('v', 'm')
UNION ALL
SELECT r.name, 'sequence', '', pg_catalog.format_type(q.seqtypid, NULL), false, false, NULL
FROM r JOIN pg_catalog.pg_sequence q ON q.seqrelid = r.oid
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = r.oid AND d.deptype = 'i')
UNION ALL
SELECT s.prefix || p.proname || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')', 'function', '',
       pg_catalog.pg_get_functiondef(p.oid), false, false, NULL
FROM pg_catalog.pg_proc p JOIN s ON s.oid = p.pronamespace AND p.prokind IN ('f', 'p')
UNION ALL
SELECT s.prefix || y.typname, 'type', '', pg_catalog.string_agg(e.enumlabel::text, ', ' ORDER BY e.enumsortorder), false, false,
       NULL
FROM pg_catalog.pg_type y JOIN s ON s.oid = y.typnamespace JOIN pg_catalog.pg_enum e ON e.enumtypid = y.oid
GROUP BY s.prefix, y.typname
)";

/// Without the shadow's prefix, so that both catalogs read the same.
std::string without_shadow(std::string text) {
  for (std::size_t at = text.find(kShadow); at != std::string::npos; at = text.find(kShadow, at))
    text.erase(at, kShadow.size());
  return text;
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

/// The i-th word is the name in SCHEMA [IF [NOT] EXISTS] name; with `made`: in CREATE SCHEMA.
bool follows_schema(const std::vector<Word>& words, std::size_t i, bool made) {
  const auto is = [&](std::size_t back, std::string_view word) {
    return back <= i && to_lower(words[i - back].text) == word;
  };
  std::size_t skipped = 0;
  if (is(1, "exists")) skipped = is(2, "not") ? 3 : 2;
  return is(skipped + 1, "schema") && (!made || is(skipped + 2, "create")) && !is(0, "if");
}

/// ops.runs, "ops".runs
bool qualifies(std::string_view sql, std::size_t end) {
  if (sql.substr(end).starts_with('"')) ++end;
  return sql.substr(end).starts_with('.');
}

}  // namespace

SchemaNames schemas_of(std::span<const Migration> migrations) {
  SchemaNames names{std::string(kPublic)};
  for (const Migration& migration : migrations) {
    const std::vector<Word> words = words_of(migration.up);
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (follows_schema(words, i, true)) names.insert(to_lower(words[i].text));
    }
  }
  return names;
}

SchemaCatalog read_catalog(Transaction& transaction, const SchemaNames& schemas, bool shadow) {
  const std::string prefix(shadow ? kShadow : "");
  const std::string main = prefix + std::string(kPublic);
  std::vector<SqlValue> names;
  for (const std::string& schema : schemas) names.push_back(prefix + schema);
  look_in(transaction, main);
  SchemaCatalog catalog;
  const Rows rows = transaction.query(kCatalogSql, sql_values(sql_array(names), main));
  for (const Row row : rows) {
    SchemaItem item{without_shadow(row.text("definition")), row.boolean("not_null"), row.boolean("uniq"),
                    row.maybe_text("def")};
    catalog[{without_shadow(row.text("tab")), row.text("kind"), without_shadow(row.text("name"))}] =
        std::move(item);
  }
  return catalog;
}

std::string shadow_public() { return std::string(kShadow) + std::string(kPublic); }

std::string in_shadow(const std::string& sql, const SchemaNames& schemas) {
  std::string out;
  std::size_t copied = 0;
  const std::vector<Word> words = words_of(sql);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!schemas.contains(to_lower(words[i].text))) continue;
    if (!qualifies(sql, words[i].at + words[i].text.size()) && !follows_schema(words, i, false)) continue;
    out.append(sql, copied, words[i].at - copied).append(kShadow);
    copied = words[i].at;
  }
  return out.append(sql, copied);
}

void look_in(Transaction& transaction, const std::string& schema) {
  transaction.query("SELECT set_config('search_path', $1, true)", sql_values("\"" + schema + "\", pg_temp"));
}

}  // namespace am::kernel
