#include "documents.hpp"

namespace am::web {

std::string_view picks_schemas() {
  return R"json({
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
    "next_cursor": {"type": ["string", "null"], "pattern": "^([0-9]{4}-[0-9]{2}-[0-9]{2}|infinity)$",
      "description": "null on the last page."}}},
"BatchDetail": {"type": "object", "additionalProperties": false,
  "required": ["batch", "picks", "checkpoints"],
  "properties": {
    "batch": {"$ref": "#/components/schemas/Batch"},
    "picks": {"type": "array", "description": "By ticker.", "items": {"$ref": "#/components/schemas/Pick"}},
    "checkpoints": {"type": "array", "description": "By date.", "items": {"$ref": "#/components/schemas/Checkpoint"}}}}
})json";
}

}  // namespace am::web
