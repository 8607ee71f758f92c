#pragma once
// components/schemas of the OpenAPI document, as JSON text. Private.

#include <string_view>

namespace am::web {

/// One object: a schema by name, each closed (additionalProperties: false) but OpenApi.
std::string_view openapi_schemas();

}  // namespace am::web
