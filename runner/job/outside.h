// Values from outside the job file: ${NAME}, ${NAME:-default}, ${NAME:?message}, ${file:/path},
// ${credential:name}, ${param:name}; and --set.
//
// They are put in after YAML was read, into single values only: a value can never add structure.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "job/diagnostic.h"
#include "job/yaml.h"
#include <weir/error.h>

namespace weir::job {

// Where values come from. Tests bring their own.
struct Outside {
  std::function<std::optional<std::string>(const std::string& name)> environment;
  std::function<Result<std::string>(const std::string& path)> file;
  std::string credentials_folder;  // Where systemd puts them; empty: there are none.
  // --param NAME=VALUE, over the values under `params`.
  std::map<std::string, std::string> params{};

  // What the credential's file holds. systemd calls the files of a whole folder that it gives as
  // LoadCredential=weir:FOLDER by its id as well: weir_NAME.
  Result<std::string> credential(const std::string& name) const;

  // The process's own environment and files.
  static Outside of_process();
};

// Replaces every ${...} of the tree. Values of files and credentials are marked secret, as is what
// the language calls secret. Also puts `params` of the outside into the tree.
void put_in_outside_values(Node& root, const Outside& outside, Diagnostics& found);

// --set PATH=VALUE: replaces the scalar at `path`, or adds one where the language has a place for
// it. Words of the path are keys, numbers count the entries of a list from 0. An Error for any
// other path; the tree is then unchanged.
Status set_scalar(Node& root, std::string_view path, std::string value);

// Warns of passwords that stand in the file itself. W130.
void find_inline_secrets(const Node& root, Diagnostics& found);

// The job as JSON, with every secret as "***".
std::string redacted_json(const Node& root);

}  // namespace weir::job
