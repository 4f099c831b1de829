// Pages of `weir explain`: values from outside.
#include <array>

#include "job/codes.h"

namespace weir::job {

namespace {

constexpr auto kOutsidePages = std::to_array<CodePage>({
    {"E501", "an environment variable is not set",
     "${NAME} takes the value of an environment variable. Set it, or write what counts without "
     "it:\n"
     "${NAME:-default}.\n"},
    {"E502", "an environment variable has to be set",
     "The job says by ${NAME:?message} that it cannot do without this variable, and why.\n"},
    {"E503", "a file with a value cannot be read",
     "${file:/path} takes the text of a file, without its last line end. The file has to be there "
     "and\n"
     "readable for the user who runs weir.\n"},
    {"E504", "a credential is not there",
     "${credential:name} takes what systemd gave to the service: LoadCredential=name:/path in the "
     "unit.\n"
     "Outside of a service there are none; use ${file:/path} or ${NAME} there.\n"},
    {"E505", "a parameter is not known",
     "--param and ${param:name} name an entry of 'params' at the top of the job.\n"},
    {"E506", "this is no value from outside",
     "  ${NAME}  ${NAME:-default}  ${NAME:?message}   environment\n"
     "  ${file:/path}                                 a file\n"
     "  ${credential:name}                            a credential of systemd\n"
     "  ${param:name}                                 a parameter of the job\n"
     "\n"
     "Inside expressions parameters are $name.\n"},
    {"W130", "a secret stands in the file",
     "A password in a job file ends up in version control and in backups. Use ${NAME}, "
     "${file:/path} or\n"
     "${credential:name}; what comes from there is never printed.\n"},
});

}  // namespace

std::span<const CodePage> outside_pages() { return kOutsidePages; }

}  // namespace weir::job
