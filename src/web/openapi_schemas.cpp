#include "openapi_schemas.hpp"

namespace am::web {

std::string_view openapi_schemas() {
  return R"json({
"Id": {"type": "string", "format": "uuid", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"},
"Day": {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
"Decimal": {"type": "string",
  "description": "A number as stored, never rounded. NaN or Infinity if another program stored that.",
  "pattern": "^(-?[0-9]+(\\.[0-9]+)?|NaN|-?Infinity)$"},
"MaybeDecimal": {"type": ["string", "null"], "pattern": "^(-?[0-9]+(\\.[0-9]+)?|NaN|-?Infinity)$"},
"MaybeId": {"type": ["string", "null"], "format": "uuid"},
"Batch": {"type": "object", "additionalProperties": false,
  "required": ["id", "run_date", "status", "benchmark_symbol", "benchmark_initial_price"],
  "properties": {
    "id": {"$ref": "#/components/schemas/Id"},
    "run_date": {"$ref": "#/components/schemas/Day"},
    "status": {"type": "string", "enum": ["active", "completed", "failed"]},
    "benchmark_symbol": {"type": "string"},
    "benchmark_initial_price": {"$ref": "#/components/schemas/Decimal"}}},
"Pick": {"type": "object", "additionalProperties": false,
  "required": ["id", "ticker", "action", "reasoning", "initial_price"],
  "properties": {
    "id": {"$ref": "#/components/schemas/Id"},
    "ticker": {"type": "string"},
    "action": {"type": "string", "enum": ["BUY", "SELL"]},
    "reasoning": {"type": "string", "description": "Written by a language model: plain text, never markup."},
    "initial_price": {"$ref": "#/components/schemas/Decimal"}}},
"Metric": {"type": "object", "additionalProperties": false,
  "required": ["id", "pick_id", "current_price", "absolute_return_pct", "vs_benchmark_pct"],
  "properties": {
    "id": {"$ref": "#/components/schemas/Id"},
    "pick_id": {"$ref": "#/components/schemas/Id"},
    "current_price": {"$ref": "#/components/schemas/Decimal"},
    "absolute_return_pct": {"$ref": "#/components/schemas/Decimal"},
    "vs_benchmark_pct": {"$ref": "#/components/schemas/Decimal"}}},
"Checkpoint": {"type": "object", "additionalProperties": false,
  "description": "The baseline is dated before the batch's run date and has no return; a skipped one has no metrics.",
  "required": ["id", "checkpoint_date", "status", "benchmark_price", "benchmark_return_pct", "metrics"],
  "properties": {
    "id": {"$ref": "#/components/schemas/Id"},
    "checkpoint_date": {"$ref": "#/components/schemas/Day"},
    "status": {"type": "string", "enum": ["computed", "skipped"]},
    "benchmark_price": {"$ref": "#/components/schemas/MaybeDecimal"},
    "benchmark_return_pct": {"$ref": "#/components/schemas/MaybeDecimal"},
    "metrics": {"type": "array", "description": "By pick_id.", "items": {"$ref": "#/components/schemas/Metric"}}}},
"Latest": {"type": "object", "additionalProperties": false,
  "required": ["batch", "picks", "latest_checkpoint"],
  "properties": {
    "batch": {"anyOf": [{"$ref": "#/components/schemas/Batch"}, {"type": "null"}]},
    "picks": {"type": "array", "description": "By ticker.", "items": {"$ref": "#/components/schemas/Pick"}},
    "latest_checkpoint": {"anyOf": [{"$ref": "#/components/schemas/Checkpoint"}, {"type": "null"}]}}},
"BatchList": {"type": "object", "additionalProperties": false,
  "required": ["batches", "next_cursor"],
  "properties": {
    "batches": {"type": "array", "items": {"$ref": "#/components/schemas/Batch"}},
    "next_cursor": {"type": ["string", "null"], "format": "date", "description": "null on the last page."}}},
"BatchDetail": {"type": "object", "additionalProperties": false,
  "required": ["batch", "picks", "checkpoints"],
  "properties": {
    "batch": {"$ref": "#/components/schemas/Batch"},
    "picks": {"type": "array", "description": "By ticker.", "items": {"$ref": "#/components/schemas/Pick"}},
    "checkpoints": {"type": "array", "description": "By date.", "items": {"$ref": "#/components/schemas/Checkpoint"}}}},
"Event": {"type": "object", "additionalProperties": false,
  "required": ["id", "at", "kind", "batch_id", "run_id", "data"],
  "properties": {
    "id": {"type": "string", "pattern": "^[1-9][0-9]*$"},
    "at": {"type": "string", "format": "date-time"},
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
