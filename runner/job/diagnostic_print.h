// Findings as text: one printer for each reader.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "job/diagnostic.h"

namespace weir::job {

// One line each: `FILE:LINE:COL: error[E201]: text (hint)`. What scripts and editors read.
std::string print_plain(std::span<const Diagnostic> findings);

// With the line, a caret below it and what to do. `color`: ANSI colours for a terminal.
std::string print_pretty(std::span<const Diagnostic> findings, bool color);

// A JSON array of objects with all fields of Diagnostic.
std::string print_json(std::span<const Diagnostic> findings);

// SARIF 2.1.0, with the page of each code that occurs.
std::string print_sarif(std::span<const Diagnostic> findings, std::string_view version);

// Workflow commands of GitHub Actions: `::error file=...,line=...::text`.
std::string print_github(std::span<const Diagnostic> findings);

// `text` as a JSON string, with its quotes.
std::string json_quoted(std::string_view text);

}  // namespace weir::job
