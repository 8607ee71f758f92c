#include "service.hpp"

namespace am::web {

std::string_view service_schemas() {
  return R"json({
"Id": {"type": "string", "format": "uuid", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"},
"Day": {"type": "string",
  "description": "YYYY-MM-DD. infinity or -infinity if another program stored that.",
  "pattern": "^([0-9]{4}-[0-9]{2}-[0-9]{2}|-?infinity)$"},
"Decimal": {"type": "string",
  "description": "A number as stored, never rounded. NaN or Infinity if another program stored that.",
  "pattern": "^(-?[0-9]+(\\.[0-9]+)?|NaN|-?Infinity)$"},
"MaybeDecimal": {"type": ["string", "null"], "pattern": "^(-?[0-9]+(\\.[0-9]+)?|NaN|-?Infinity)$"},
"MaybeId": {"type": ["string", "null"], "format": "uuid"},
"Event": {"type": "object", "additionalProperties": false,
  "required": ["id", "at", "kind", "batch_id", "run_id", "data"],
  "properties": {
    "id": {"type": "string", "pattern": "^[1-9][0-9]*$"},
    "at": {"type": "string", "description": "RFC 3339, UTC.",
      "pattern": "^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z|-?infinity)$"},
    "kind": {"type": "string"},
    "batch_id": {"$ref": "#/components/schemas/MaybeId"},
    "run_id": {"$ref": "#/components/schemas/MaybeId"},
    "data": {"type": "object", "description": "What belongs to this kind of event."}}},
"EventList": {"type": "object", "additionalProperties": false,
  "required": ["events", "next_cursor"],
  "properties": {
    "events": {"type": "array", "items": {"$ref": "#/components/schemas/Event"}},
    "next_cursor": {"type": ["string", "null"], "pattern": "^[1-9][0-9]*$", "description": "null on the last page."}}},
"Health": {"type": "object", "additionalProperties": false,
  "required": ["ok", "db_ok"],
  "properties": {"ok": {"type": "boolean"}, "db_ok": {"type": "boolean"}}},
"Live": {"type": "object", "additionalProperties": false,
  "required": ["ok"],
  "properties": {"ok": {"const": true}}},
"Ready": {"type": "object", "additionalProperties": false,
  "required": ["ready", "database", "schema"],
  "properties": {"ready": {"type": "boolean"}, "database": {"type": "boolean"}, "schema": {"type": "boolean"},
    "message": {"type": "string", "description": "Why not; only when not ready."}}},
"OpenApi": {"type": "object",
  "required": ["openapi", "info", "paths", "components"],
  "properties": {"openapi": {"type": "string"}, "info": {"type": "object"}, "paths": {"type": "object"},
    "components": {"type": "object"}}},
"Error": {"type": "object", "additionalProperties": false,
  "required": ["error"],
  "properties": {"error": {"type": "object", "additionalProperties": false,
    "required": ["code", "message"],
    "properties": {
      "code": {"type": "string", "enum": ["invalid_argument", "not_found", "method_not_allowed", "timeout",
        "payload_too_large", "uri_too_long", "too_many_requests", "headers_too_large", "internal", "unavailable",
        "http_version_not_supported"]},
      "message": {"type": "string"}}}}}
})json";
}

}  // namespace am::web
