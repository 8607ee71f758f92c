#pragma once
// Checks JSON against the schemas of an OpenAPI 3.1 document, strictly: a keyword that this does not know is a
// problem, too, so that no promise of a schema goes unchecked. Only what our own schemas use.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace am::test {

class JsonSchemas {
 public:
  /// Errors:  std::runtime_error: not JSON.
  explicit JsonSchemas(std::string_view openapi);
  ~JsonSchemas();
  JsonSchemas(const JsonSchemas&) = delete;
  JsonSchemas& operator=(const JsonSchemas&) = delete;

  /// What is wrong with the text as an instance of components/schemas/<name>, a line each ("/batch/id: …").
  std::vector<std::string> problems(const std::string& name, std::string_view text);
  /// As an instance of a schema that is given as JSON text and may refer to those of the document.
  std::vector<std::string> problems_with(std::string_view schema, std::string_view text);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace am::test
