// Pages of `weir explain`: names, types and expressions.
#include <array>

#include "job/codes.h"

namespace weir::job {

namespace {

constexpr auto kNamePages = std::to_array<CodePage>({
    {"E201", "a field is not known",
     "The records at this place have no such field. The message lists those they have. After "
     "'select'\n"
     "and 'aggregate' only the fields that were named there are left; fields of a joined record "
     "have its\n"
     "name before them: payment.amount. Streams with 'fields: any' take every name.\n"},
    {"E202", "the types do not fit",
     "The expression would add, compare or convert what has no such meaning.\n"
     "\n"
     "  'a' + 'b'                   concat('a', 'b')\n"
     "  amount == '5'               amount == 5, or to_string(amount) == '5'\n"
     "  x == null                   x is null\n"
     "  day + 1d                    to_time(day) + 1d\n"
     "  name > created_at           to_time(name) > created_at\n"},
    {"E203", "this is no expression",
     "The expression cannot be read at this place. In short:\n"
     "\n"
     "  and or not   == != < <= > >=   is null   in (1, 2)   like 'a%'   between 1 and 5\n"
     "  + - * / %    a ?? b            case when a then b else c end     name(x, y)\n"
     "  'text'       15m               $parameter                        order.amount   list[0]\n"
     "\n"
     "Text stands between single quotes, '' inside is one quote. Comparisons do not chain.\n"},
    {"E204", "a function is not known",
     "The language has no function of that name. Functions:\n"
     "\n"
     "  lower upper trim length substr replace concat split contains starts_with ends_with like\n"
     "  abs round floor ceil sign mod min_of max_of\n"
     "  year month day hour minute second date truncate format_time parse_time\n"
     "  millis seconds minutes hours days\n"
     "  to_string to_int to_float to_decimal to_time is_type\n"
     "  coalesce if try hash uuid5 size has at\n"
     "  now record_time arrival_time topic partition offset header\n"},
    {"E205", "the arguments do not fit",
     "The function takes another number of arguments, or others. The hint shows how it is called. "
     "Places\n"
     "of round() and to_decimal() are written as a number, since the type of the result depends on "
     "them.\n"},
    {"E206", "a parameter is not known",
     "$name means an entry of 'params' at the top of the job:\n"
     "\n"
     "  params:\n"
     "    big: 10000\n"},
    {"E207", "a condition is true or false",
     "'filter', 'require', 'when', 'and', 'or', 'not' and if() need a bool. A number is none:\n"
     "\n"
     "  filter: quantity            filter: quantity != 0\n"},
    {"E208", "the clock is not asked here",
     "What is kept, joined or counted must not depend on when the job runs, or a replay would "
     "give\n"
     "another result. now() is allowed in 'set', 'select' and 'log'. record_time() is the event "
     "time of\n"
     "the record, the same in every run.\n"},
    {"E209", "this is no type",
     "Types of fields: string, int, float, bool, time, date, any, decimal(2), each also with 'or "
     "null'.\n"
     "A list is [string], a map {name: string}. decimal(2) is exact, with two places; use it for "
     "money.\n"},
    {"E210", "an aggregate stands in the wrong place",
     "count(), sum(x) and the like look at many records. They stand under 'fields' of 'aggregate', "
     "alone:\n"
     "\n"
     "  - aggregate:\n"
     "      window: {size: 1m}\n"
     "      fields: {orders: count(), revenue: sum(amount)}\n"
     "  - set:\n"
     "      average: revenue / orders\n"},
    {"E211", "this is no aggregate",
     "Each entry under 'fields' of 'aggregate' is one call of an aggregate; its arguments may be "
     "any\n"
     "expressions: sum(price * quantity). Compute with results in a 'set' step after it.\n"},
    {"E212", "a field of that name is there already",
     "Two fields of a record cannot have one name. Choose another for one of them.\n"},
    {"E213", "the expression is nested too deeply",
     "Expressions have at most 200 levels. Compute parts of it in a 'set' step before.\n"},
    {"E216", "a duration has no form in JSON",
     "A result cannot hold a duration. Say in which unit it is written:\n"
     "\n"
     "  wait: paid_at - created_at            wait_s: seconds(paid_at - created_at)\n"},
    {"E217", "where a record came from is not known here",
     "topic(), partition(), offset() and arrival_time() speak of the record of the source topic. "
     "What comes\n"
     "out of a dedupe, join or aggregate is no such record any more, and their keys are compared "
     "where it is\n"
     "not known either. Put what you need into a field before:\n"
     "\n"
     "  - set:\n"
     "      from_partition: partition()\n"
     "  - dedupe: {by: order_id, within: 1h}\n"},
    {"W110", "a float is summed",
     "Floats round, and the result depends on the order of the records, which differs from run to "
     "run.\n"
     "Declare the field as decimal(2), or as many places as it has: sums are then exact.\n"},
    {"W120", "a comparison may be null",
     "As in SQL a comparison with null is null, and 'filter' keeps only what is true. Records with "
     "null\n"
     "are gone without another word. Say what null means:\n"
     "\n"
     "  filter: method is not null and method == 'card'\n"
     "  filter: (method ?? '') == 'card'\n"},
    {"W121", "fields are not checked",
     "With 'fields: any' every name is taken, and a name that no record has is null. Declare the "
     "fields\n"
     "that the job uses, and a slip is found before the start.\n"},
    {"W122", "the result depends on the clock",
     "now() gives another time when the job runs again over the same records. That is what it is "
     "for in a\n"
     "field such as processed_at. In a larger expression record_time() is mostly meant.\n"},
});

}  // namespace

std::span<const CodePage> name_pages() { return kNamePages; }

}  // namespace weir::job
