#pragma once
// How Kubernetes manifests are written. Private.

#include <string>
#include <string_view>

#include "schedules.hpp"

namespace am::cli {

inline constexpr std::string_view kManifestOrigin = "# Written by: am schedule export --format kubernetes\n";

std::string yaml_indented(const std::string& text, std::size_t columns);
/// apiVersion, kind and metadata.
std::string yaml_head(const std::string& api, const std::string& kind, const std::string& name);

/// Whom the pods may reach and who may reach them.
ExportedFile network_policies(const ExportOptions& options);

}  // namespace am::cli
