// What a job says beside its streams and pipelines: parameters, Kafka, state, errors, logs.
#pragma once

#include "job/diagnostic.h"
#include "job/plan.h"
#include "job/yaml.h"

namespace weir::job {

// Fills everything of the plan but streams and pipelines. REQUIRES: check_structure found nothing.
void read_settings(const Node& root, Diagnostics& found, JobPlan& plan);

// A constant as an expression sees it: what is written like a number, a duration, true or false is
// one; everything else, and everything between quotes, is text.
expression::Param param_of(const Node& scalar);

// The value of a key when it is there, else `otherwise`. For scalars that check_structure passed.
std::string text_at(const Node* map, std::string_view key, std::string_view otherwise = "");
std::int64_t duration_at(const Node* map, std::string_view key, std::int64_t otherwise_ms);
std::int64_t integer_at(const Node* map, std::string_view key, std::int64_t otherwise);
std::optional<int> count_at(const Node* map, std::string_view key);
bool flag_at(const Node* map, std::string_view key, bool otherwise);

}  // namespace weir::job
