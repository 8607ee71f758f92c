#include "am/base/html_parts.hpp"

#include "am/base/html.hpp"
#include "am/base/percent.hpp"

namespace am {

std::string cell(const std::string& html, std::string_view kind) {
  return kind.empty() ? "<td>" + html + "</td>" : "<td class=\"" + std::string(kind) + "\">" + html + "</td>";
}

std::string figure_cell(const std::optional<Decimal>& value) {
  return cell(pretty_percent(value), tone_of(value));
}

std::string date_html(Date date, const std::string& text) {
  return "<time datetime=\"" + date.to_string() + "\">" + escape_html(text) + "</time>";
}

std::string row_head(const std::string& html) { return "<th scope=\"row\">" + html + "</th>"; }

std::string table_html(const std::string& caption, const std::vector<std::string>& columns,
                       const std::string& rows_html) {
  std::string head;
  for (const std::string& column : columns) {
    head += column.starts_with('<') ? "<th scope=\"col\" class=\"t\">" + column.substr(1) + "</th>"
                                    : "<th scope=\"col\">" + column + "</th>";
  }
  const std::string name = escape_html(caption);
  return "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"" + name + "\"><table><caption>" +
         name + "</caption><thead><tr>" + head + "</tr></thead><tbody>" + rows_html +
         "</tbody></table></div>\n";
}

std::string tile_html(const std::string& name_html, const std::string& value_html,
                      const std::string& note_html, std::string_view kind) {
  return "<div><dt>" + name_html + "</dt><dd" +
         (kind.empty() ? std::string() : " class=\"" + std::string(kind) + "\"") + ">" + value_html +
         "<small>" + note_html + "</small></dd></div>";
}

}  // namespace am
