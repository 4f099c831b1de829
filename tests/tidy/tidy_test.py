#!/usr/bin/env python3
"""Each rule is shown a small tree that breaks it, and one that does not."""

import contextlib
import io
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import clang_tidy  # noqa: E402  (the path has to be there first)
import headers  # noqa: E402
import tidy  # noqa: E402
from rules.cpp import blanked, functions  # noqa: E402
from rules.tree import Tree  # noqa: E402

CLEAN = {
    "lib/include/weir/error.h": "#include <string>\n",
    "lib/include/weir/store.h": "#include <weir/error.h>\n",
    "lib/include/weir/app.h": "#include <weir/store.h>\n",
    "lib/src/state/CMakeLists.txt": "target_sources(weir PRIVATE layout.cpp)\n",
    "lib/src/state/layout.h": "#include <weir/store.h>\n",
    "lib/src/state/layout.cpp": '#include "state/layout.h"\n#include <lmdb.h>\n',
    "lib/src/kafka/client.h": "#include <weir/error.h>\n",
    "lib/src/kafka/rdkafka_consumer.h": "#include <librdkafka/rdkafka.h>\n",
    "lib/src/json/number.h": "#include <rapidjson/reader.h>\n#include <emmintrin.h>\n",
    "lib/src/engine/task.h": '#include "kafka/client.h"\n#include "state/layout.h"\n',
    "lib/src/sim/cluster.h": '#include "kafka/client.h"\n',
    "tests/unit/state/CMakeLists.txt": "weir_test(unit_state layout_test.cpp)\n",
    "tests/unit/state/layout_test.cpp": '#include <gtest/gtest.h>\n#include "state/layout.h"\n',
}


def found(files, without=()):
    """(path, rule) of everything found in the clean tree with `files` put in."""
    tree = {path: text for path, text in {**CLEAN, **files}.items() if path not in without}
    return {(finding.path, finding.rule) for finding in tidy.findings(Tree(tree))}


class TidyTest(unittest.TestCase):
    def refuses(self, path, text, rule):
        self.assertIn((path, rule), found({path: text}))

    def accepts(self, path, text):
        self.assertEqual(found({path: text}), set())


class Includes(TidyTest):
    def test_the_clean_tree_is_clean(self):
        self.assertEqual(found({}), set())

    def test_run_one_way(self):
        for path, line in (
                ("lib/src/state/a.h", '#include "kafka/client.h"'),
                ("lib/src/kafka/a.h", '#include "state/layout.h"'),
                ("lib/src/json/a.h", '#include "state/layout.h"'),
                ("lib/src/state/a.h", '#include "engine/task.h"'),
                ("lib/src/sim/a.h", '#include "kafka/rdkafka_consumer.h"'),
                ("lib/include/weir/a.h", '#include "../../src/state/layout.h"'),
                ("lib/include/weir/error.h", "#include <weir/store.h>"),
                ("lib/include/weir/stream.h", "#include <weir/app.h>"),
                ("runner/job/a.h", '#include "state/layout.h"'),
                ("runner/http/a.h", '#include "kafka/client.h"'),
                ("runner/cli/a.h", '#include "engine/task.h"'),
                ("tests/topology/a.h", '#include "state/layout.h"'),
                ("elsewhere/a.h", "#include <string>"),
        ):
            with self.subTest(path=path, line=line):
                self.refuses(path, line + "\n", "include")

    def test_keep_libraries_where_they_belong(self):
        for path, name in (
                ("lib/include/weir/a.h", "lmdb.h"),
                ("lib/include/weir/a.h", "unistd.h"),
                ("lib/src/engine/a.h", "librdkafka/rdkafka.h"),
                ("lib/src/engine/a.h", "spdlog/spdlog.h"),
                ("lib/src/kafka/a.h", "lmdb.h"),
                ("lib/src/state/a.h", "rapidjson/document.h"),
                ("lib/src/state/a.h", "gtest/gtest.h"),
                ("lib/src/state/a.h", "boost/any.hpp"),
                ("runner/cli/a.h", "yaml-cpp/yaml.h"),
                ("runner/compile/a.h", "yaml-cpp/yaml.h"),
                ("runner/job/a.h", "CLI/CLI.hpp"),
                ("runner/cli/a.h", "httplib.h"),
                ("lib/src/engine/a.h", "prometheus/registry.h"),
        ):
            with self.subTest(path=path, name=name):
                self.refuses(path, f"#include <{name}>\n", "include")

    def test_name_files_that_exist(self):
        self.refuses("lib/src/state/a.h", '#include "state/gone.h"\n', "include")
        self.refuses("lib/src/state/a.h", "#include <weir/gone.h>\n", "include")

    def test_may_name_a_file_that_the_build_writes(self):
        path, text = "runner/cli/a.cpp", '#include "text.inc"\n'
        self.refuses(path, text, "include")
        lists = {"runner/cli/CMakeLists.txt": 'file(CONFIGURE OUTPUT text.inc CONTENT "")\n'}
        self.assertNotIn((path, "include"), found({path: text} | lists))

    def test_form_no_circle(self):
        circle = {"lib/src/state/a.h": '#include "state/b.h"\n',
                  "lib/src/state/b.h": '#include "state/a.h"\n'}
        self.assertTrue(any(rule == "include" for _, rule in found(circle)))
        words = {"lib/include/weir/stream.h": "#include <weir/builder.h>\n",
                 "lib/include/weir/builder.h": "#include <weir/stream.h>\n"}
        self.assertEqual(found(words), set())

    def test_in_comments_do_not_count(self):
        self.accepts("lib/src/state/a.h", "// #include <boost/any.hpp>\n")


class StandardHeaders(TidyTest):
    def test_are_reached_by_includes_of_the_file(self):
        self.refuses("lib/src/state/a.h", "std::vector<int> a();\n", "standard")
        self.accepts("lib/src/state/a.h", "#include <vector>\nstd::vector<int> a();\n")
        self.accepts("lib/src/state/a.h", "// std::vector\n")

    def test_may_come_by_way_of_a_file_of_ours(self):
        self.accepts("lib/src/state/a.h", "#include <weir/store.h>\nstd::string a();\n")

    def test_of_the_tests_are_not_looked_at(self):
        self.assertNotIn(("tests/unit/state/a_test.cpp", "standard"),
                         found({"tests/unit/state/a_test.cpp": "std::vector<int> a;\n"}))


class Sizes(TidyTest):
    def test_of_lines(self):
        self.refuses("lib/src/state/a.h", "//" + "x" * 99 + "\n", "line")
        self.accepts("lib/src/state/a.h", "//" + "x" * 98 + "\n")
        self.refuses("packaging/a.sh", "#" * 121 + "\n", "line")
        self.accepts("packaging/a.sh", "#" * 120 + "\n")

    def test_of_files(self):
        self.refuses("lib/src/state/a.h", "\n" * 501, "file")
        self.accepts("lib/src/state/a.h", "\n" * 500)

    def test_of_functions(self):
        def function(lines):
            return "int count() {\n" + "  ;\n" * (lines - 2) + "}\n"
        self.refuses("lib/src/state/a.h", function(71), "function")
        self.accepts("lib/src/state/a.h", function(70))

    def test_of_functions_in_every_shape(self):
        body = "{\n" + ";\n" * 70 + "}"
        for shape in (
                "namespace a { class B { public: int c() const override %s }; }",
                "A::A(int b) : c_{b}, d_(b) %s",
                "template <class T> requires Fine<T> auto f(T t) -> decltype(t) %s",
                "TEST(Noun, Behaviour) %s",
                "int g(A a = {}) noexcept %s",
                "#define BRACE {\nint f() %s",
        ):
            with self.subTest(shape=shape):
                self.assertEqual(len([f for f in functions(shape % body) if f[1] - f[0] >= 70]), 1)

    def test_of_tables_do_not_matter(self):
        for shape in ("const int kTable[] = {%s};", "struct A {%s};", "enum class B {%s};",
                      "namespace weir {%s}", "INSTANTIATE(A, B, Values(C{%s}));"):
            with self.subTest(shape=shape):
                self.accepts("lib/src/state/a.h", shape % ("\n" * 80))

    def test_braces_in_literals_are_not_braces(self):
        text = "int f() { g('{', \"}}{\", R\"({{)\", 1'000'000); }  // }\nint h() { }\n"
        self.assertEqual([f[:2] for f in functions(blanked(text))], [(1, 1), (2, 2)])


class Names(TidyTest):
    def test_that_say_nothing_are_refused(self):
        for name in ("StoreManager", "join_helper", "kUtil", "TaskImpl", "data_", "raw_data",
                     "info", "do_join", "DoJoin", "my_store", "base_stage", "BaseStage",
                     "handle_record", "handleRecord", "StoreFactory", "Supplier", "misc"):
            with self.subTest(name=name):
                self.refuses("lib/src/state/a.h", f"int {name};\n", "name")

    def test_of_others_may_be_used(self):
        for text in ("a.data()", "a->data()", "std::data(a)", "std::ios_base::in", "a.mv_data",
                     "do { } while (a)", "rd_kafka_metadata_t b", "MDB_info", "int handle",
                     "database", "domain", "doc", "dot", "information", "const char* data() const"):
            with self.subTest(text=text):
                self.accepts("lib/src/state/a.h", f"auto x = {text};\n")

    def test_of_files_count(self):
        self.refuses("lib/src/state/string_util.h", "", "name")
        self.refuses("tests/support/helpers.sh", "", "name")

    def test_in_comments_and_text_do_not_count(self):
        self.accepts("lib/src/state/a.h", '// my data\nauto a = "do_join my_data";\n')


class Words(TidyTest):
    def test_of_unfinished_work_are_refused(self):
        for text in ("// TODO later", "FIXME", "XXX", "HACK", "not implemented"):
            with self.subTest(text=text):
                self.refuses("lib/src/state/a.h", f"// {text}\n", "unfinished")
        self.accepts("packaging/a.sh", "mktemp -d /tmp/weir.XXXXXX\n")

    def test_that_name_one_machine_are_refused(self):
        # In pieces, or this file would name one, too.
        for text in ("/home/" "ann/weir", "see /" "work/tree", "'/" "root/.cache'"):
            with self.subTest(text=text):
                self.refuses("README.md", text + "\n", "place")
        self.accepts("README.md", "/var/lib/weir, $HOME/" "work/x and tests/" "root/x\n")

    def test_that_name_a_source_of_packages_are_refused(self):
        for host in ("deb.debian.org", "repo1.maven.org", "pypi.org"):
            with self.subTest(host=host):
                self.refuses("packaging/a.sh", f"fetch {host}/x\n", "host")
        self.refuses("README.md", "https://files.elsewhere.net/x\n", "host")
        self.accepts("README.md", "http://localhost:8080/ and https://kafka.apache.org/\n")


class Mirror(TidyTest):
    def test_wants_a_folder_of_tests_for_each_folder_of_sources(self):
        source, listed = "lib/src/state/layout.cpp", "lib/src/state/CMakeLists.txt"
        self.assertIn(("lib/src/state", "mirror"),
                      found({source: ""}, without=["tests/unit/state/layout_test.cpp"]))
        self.assertNotIn(("lib/src/state", "mirror"), found({source: "", listed: "layout.cpp"}))

    def test_wants_a_folder_of_sources_for_each_folder_of_tests(self):
        self.refuses("tests/unit/nothing/layout_test.cpp", "", "mirror")
        self.assertNotIn(("tests/unit/state/bad_day_test.cpp", "mirror"),
                         found({"tests/unit/state/bad_day_test.cpp": ""}))

    def test_wants_every_source_in_a_list(self):
        self.refuses("lib/src/state/layout_more.cpp", "", "list")
        self.refuses("tests/unit/state/layout_more_test.cpp", "", "list")
        self.refuses("lib/src/state/layout_test.cpp", "", "list")


class Headers(unittest.TestCase):
    def test_that_lean_on_another_are_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            public = pathlib.Path(folder) / "lib/include/weir"
            public.mkdir(parents=True)
            (public / "alone.h").write_text(
                "#pragma once\n#include <stack>\nstd::stack<int> a();\n")
            with contextlib.redirect_stdout(io.StringIO()) as said:
                self.assertEqual(headers.main(["g++", folder]), 0)
                (public / "leans.h").write_text("#pragma once\nstd::stack<int> a();\n")
                self.assertEqual(headers.main(["g++", folder]), 1)
            self.assertIn("leans.h does not compile alone", said.getvalue())


class ClangTidy(unittest.TestCase):
    def test_looks_at_the_biggest_of_what_changed(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            paths = [f"{size}.cpp" for size in range(clang_tidy.SOURCES_MAX + 2)]
            for size, path in enumerate(paths):
                (root / path).write_text("x" * size)
            self.assertEqual(clang_tidy.biggest(root, paths), sorted(paths[2:]))


if __name__ == "__main__":
    unittest.main()
