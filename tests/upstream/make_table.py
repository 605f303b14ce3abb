"""Writes docs/upstream_tests.md: PyTorch's own tests of torch.package and torch.fx, and what stands for each here.

    python3 tests/upstream/make_table.py          # writes it
    python3 tests/upstream/make_table.py --check  # exit 1 where it is out of date

Which tests have a counterpart is read from the comments of test_*.py ("# TestX.test_one, test_two"); why others have none
is said below. A test that is neither is an error.
"""
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs" / "upstream_tests.md"

LATER_PYTORCH = "of the Python that PyTorch runs in, not of packages"
TORCHBIND = "needs C++ classes of PyTorch's test library (TorchBind)"
SCRIPTS = "TorchScript of a traced module: tests/torchscript and row 8 script modules from source"
AST_REWRITER = "torch.fx.experimental rewrites Python's own syntax trees; not part of the issue"
SHAPE_PROP = "fx.passes.shape_prop; shapes are the engine graph's here (engine/ops)"
PICKLE = "Python's pickle of a GraphModule; packages pickle them (tests/rows, row 1 to 6)"
SCRIPT_IN_PACKAGE = "ScriptModules inside a package's pickles, which PyTorch itself refuses unless a private switch is set"

# file -> (class, {test: why it has no counterpart, or None where it has one})
UPSTREAM = {
    "test/package/test_package_fx.py": ("TestPackageFX", {
        "test_package_fx_simple": "tests/rows, Row1Simple",
        "test_package_then_fx": "tests/rows, Row2ThenFx",
        "test_package_fx_package": "tests/rows, Row3Package",
        "test_package_fx_with_imports": "tests/rows, Row4WithImports",
        "test_package_fx_custom_tracer": "tests/rows, Row5CustomTracer",
        "test_package_fx_wrap": "tests/rows, Row6Wrap",
        "test_package_gm_preserve_stack_trace": "tests/fx: the packaged body holds the stack traces of nodes",
    }),
    "test/package/test_model.py": ("ModelTest", {
        "test_resnet": "tests/rows, Row7Residual; tests/pytorch/test_seeds.py on torchvision's",
        "test_model_save": "skipped upstream; the same as test_resnet with code around it",
        "test_script_resnet": "tests/rows, Row8Script; tests/pytorch/test_seeds.py on torchvision's",
    }),
    "test/package/test_glob_group.py": ("TestGlobGroup", dict.fromkeys(
        ["test_one_star", "test_one_star_middle", "test_one_star_partial", "test_one_star_multiple_in_component",
         "test_one_star_partial_extension", "test_two_star", "test_two_star_end", "test_two_star_middle",
         "test_two_star_multiple", "test_raw_two_star", "test_invalid_raw", "test_exclude", "test_exclude_from_all",
         "test_list_include_exclude"])),
    "test/package/test_digraph.py": ("TestDiGraph", dict.fromkeys(
        ["test_successors", "test_predecessors", "test_successor_not_in_graph", "test_predecessor_not_in_graph",
         "test_node_attrs", "test_node_attr_update", "test_edges", "test_iter", "test_contains",
         "test_contains_non_hashable", "test_forward_closure", "test_all_paths"])),
    "test/package/test_mangling.py": ("TestMangling", dict.fromkeys(
        ["test_unique_manglers", "test_mangler_is_consistent", "test_roundtrip_mangling", "test_is_mangled",
         "test_demangler_multiple_manglers", "test_mangle_empty_errors", "test_demangle_base", "test_mangle_prefix",
         "test_unique_module_names"])),
    "test/package/test_importer.py": ("TestImporter", dict.fromkeys(
        ["test_sys_importer", "test_sys_importer_roundtrip", "test_single_ordered_importer", "test_ordered_importer_basic",
         "test_ordered_importer_whichmodule", "test_package_importer_whichmodule_no_dunder_module"])),
    "test/package/test_save_load.py": ("TestSaveLoad", dict.fromkeys(
        ["test_saving_source", "test_saving_string", "test_save_module", "test_dunder_imports", "test_bad_dunder_imports",
         "test_save_module_binary", "test_pickle", "test_exporting_mismatched_code", "test_save_imported_module",
         "test_save_imported_module_using_package_importer", "test_save_bad_pickle"])),
    "test/package/test_dependency_api.py": ("TestDependencyAPI", dict.fromkeys(
        ["test_extern", "test_extern_glob", "test_extern_glob_allow_empty", "test_deny", "test_deny_glob", "test_mock",
         "test_mock_glob", "test_mock_glob_allow_empty", "test_pickle_mocked", "test_allow_empty_with_error",
         "test_implicit_intern", "test_intern_error", "test_broken_dependency", "test_invalid_import",
         "test_repackage_mocked_module"]) | {
        "test_pickle_mocked_all": "the same check as test_pickle_mocked, with `**` mocked",
        "test_externing_c_extension": "pickles a class of torch's own extension; torch is always extern",
    }),
    "test/package/test_dependency_hooks.py": ("TestDependencyHooks", dict.fromkeys(
        ["test_single_hook", "test_multiple_extern_hooks", "test_multiple_mock_hooks", "test_remove_hooks",
         "test_extern_and_mock_hook"])),
    "test/package/test_resources.py": ("TestResources", dict.fromkeys(
        ["test_resource_reader", "test_package_resource_access", "test_importer_access", "test_resource_access_by_path"])),
    "test/package/test_misc.py": ("TestMisc", dict.fromkeys(
        ["test_file_structure", "test_python_version", "test_file_structure_has_file", "test_exporter_content_lists",
         "test_is_from_package", "test_inspect_class", "test_dunder_package_present",
         "test_dunder_package_works_from_package"]) | {
        "test_loaders_that_remap_files_work_ok": LATER_PYTORCH,
        "test_load_python_version_from_package": "reads a binary of PyTorch's repository; tests/archive reads archives of several versions",
        "test_std_lib_sys_hackery_checks": LATER_PYTORCH,
    }),
    "test/package/test_repackage.py": ("TestRepackage", dict.fromkeys(["test_repackage_import_indirectly_via_parent_module"])),
    "test/package/test_analyze.py": ("TestAnalyze", {
        "test_trace_dependencies": "torch.package.analyze.trace_dependencies runs a program under sys.setprofile",
    }),
    "test/package/test_directory_reader.py": ("DirectoryReaderTest", dict.fromkeys(
        ["test_loading_pickle", "test_loading_module", "test_loading_has_record", "test_resource_reader",
         "test_package_resource_access", "test_importer_access"]) | {
        "test_resource_access_by_path": "in test_package_resources.py, from an archive",
        "test_scriptobject_failure_message": SCRIPT_IN_PACKAGE,
    }),
    "test/package/test_load_bc_packages.py": ("TestLoadBCPackages", {
        "test_load_bc_packages_nn_module": "reads binaries of PyTorch's repository",
        "test_load_bc_packages_torchscript_module": "reads binaries of PyTorch's repository",
        "test_load_bc_packages_fx_module": "reads binaries of PyTorch's repository",
    }),
    "test/package/test_package_script.py": ("TestPackageScript", dict.fromkeys(
        ["test_package_interface", "test_different_package_interface", "test_package_script_class_referencing_self",
         "test_saving_and_scripting_packaged_mod"]) | dict.fromkeys(
        ["test_package_script_class", "test_different_package_script_class"],
        "@torch.jit.script on a class of data; ours compiles modules, functions, enums and named tuples") | dict.fromkeys(
        ["test_save_scriptmodule", "test_save_scriptmodule_file", "test_save_scriptmodule_with_submods",
         "test_save_scriptmodules_submod_redefinition", "test_save_independent_scriptmodules",
         "test_save_repeat_scriptmodules", "test_scriptmodules_repeat_save", "test_save_scriptmodule_only_necessary_code",
         "test_save_scriptmodules_in_container", "test_save_eager_mods_sharing_scriptmodule", "test_load_shared_scriptmodules",
         "test_save_shared_tensors", "test_load_shared_tensors", "test_load_shared_tensors_repackaged",
         "test_mixing_packaged_and_inline_modules", "test_mixing_packaged_and_inline_modules_shared_code",
         "test_tensor_sharing_pickle"], SCRIPT_IN_PACKAGE)),
    "test/fx/test_dce_pass.py": ("TestDCE", dict.fromkeys(["test_simple", "test_dead_chain", "test_dead_getattr", "test_dead_placeholder"]) | {
        "test_dead_placeholder_with_user": "the same pass; the placeholder's user goes as test_dead_chain's does",
        "test_keep_module_with_side_effects": "custom impure modules: is_impure of leaf modules",
        "test_keep_torch_assert": "in test_fx_graph.py's test_dead_code",
    }),
    "test/fx/test_subgraph_rewriter.py": ("TestSubgraphRewriter", dict.fromkeys(
        ["test_subgraph_rewriter_preserves_logic", "test_subgraph_rewriter_with_oneliner_pattern",
         "test_subgraph_rewriter_single_pattern_match", "test_subgraph_rewriter_multiple_pattern_match",
         "test_subgraph_rewriter_graph_argument_order", "test_subgraph_rewriter_correct_output_replacement",
         "test_subgraph_rewriter_traced_as_callable", "test_subgraph_rewriter_pattern_is_entire_graph",
         "test_subgraph_rewriter_pattern_output_pattern_node_can_have_users_that_are_not_matched",
         "test_subgraph_rewriter_internal_pattern_nodes_cannot_have_users_that_are_not_matched",
         "test_subgraph_rewriter_placeholder_matching", "test_subgraph_rewriter_replaces_referenced_submodules",
         "test_subgraph_rewriter_replace_consecutive_submodules", "test_subgraph_rewriter_replace_with_duplicated_outputs",
         "test_subgraph_rewriter_replace_with_multiple_outputs", "test_subgraph_rewriter_call_method",
         "test_subgraph_rewriter_nodes_with_kwargs", "test_matching_pattern_with_list_type_arg",
         "test_replace_pattern_with_filters", "test_matching_variable_arguments", "test_replacement_with_callback"]) | {
        "test_subgraph_rewriter_annotations_int": AST_REWRITER,
        "test_subgraph_rewriter_local_revert": "several replacements of one graph in turn; test_one_after_another has the core",
        "test_replaced_nodes": "what replacements hold is in test_filters",
        "test_replacement_with_attrs": "attributes come along in test_submodules",
    }),
    "test/test_fx.py": ("TestFX", dict.fromkeys(
        ["test_graph_module", "test_custom_import", "test_args_kwargs", "test_args_kwargs_no_self", "test_fx_shifts",
         "test_fx_and_or", "test_dict", "test_matmul_tracing", "test_disallow_override", "test_leaf_module", "test_wrap",
         "test_wrap_fn_directly", "test_wrapped_via_decorator", "test_wrapped_via_decorator_and_transformed",
         "test_wrapped_retrace", "test_graph_edit_with_proxy", "test_graph_unique_names", "test_graph_unique_names_manual",
         "test_unpack", "test_reserved_getattr", "test_node_tagging", "test_tensor_attribute", "test_tensor_attribute_coalseced",
         "test_symbolic_trace_sequential", "test_tensor_constant", "test_all_input_nodes",
         "test_deepcopy_graphmodule_with_transform", "test_deepcopy_with_submods_params", "test_deepcopy_graph_with_tracer_cls",
         "test_unpack_list_better_error", "test_unpack_dict_better_error", "test_pretty_print_targets", "test_pretty_print_node",
         "test_autowrap_functions", "test_torch_fx_len", "test_torch_fx_getattr", "test_sqrt", "test_pretty_print",
         "test_pretty_print_graph", "test_custom_proxy_type", "test_custom_proxy_type_literal",
         "test_custom_proxy_dynamic_value", "test_graph_fns", "test_remove_uses", "test_return_tuple",
         "test_construct_root_dict", "test_symbolic_trace_assert", "test_fx_create_arg", "test_trace_fn_constant",
         "test_copy_no_remap", "test_wrong_topo", "test_wrong_target_type", "test_interpreter",
         "test_interpreter_run_node_override", "test_interpreter_onthefly_swap", "test_interpreter_partial_eval",
         "test_interpreter_star_args", "test_interpreter_gc_values", "test_transformer_noop", "test_transformer_op_swap",
         "test_transformer_multi_outputs", "test_wrapped_method", "test_empty_graph_codegen", "test_ctx_mgr",
         "test_typename_print", "test_ellipsis", "test_inf_nan", "test_inf_nan_kwds", "test_replace_input",
         "test_insertion_point", "test_update_args_api", "test_update_kwargs_api", "test_move_before", "test_prepend_self",
         "test_erase_node_error", "test_copy_it", "test_find_uses", "test_inline_graph", "test_multi_insert_point",
         "test_reassign_args_kwargs_uses", "test_trace_function", "test_trace_dict_int_keys", "test_trace_dict_proxy_keys",
         "test_module_deepcopy_edit_nodes", "test_direct_param_use", "test_single_default_arg", "test_multiple_default_args",
         "test_regular_and_default_args", "test_string_literal_return", "test_namedtuple_return_qualname",
         "test_update_args_kwargs_yells_at_you", "test_namedtuple_return_trace", "test_return_type_exists", "test_snake_case",
         "test_no_mutation", "test_partial_trace", "test_submodule_manipulation_API", "test_delete_unused_submodules_leaf",
         "test_tracing_graphmodules_as_leaf_submodules", "test_graph_module_init_buffer_param_copied_dict_init",
         "test_annotations_with_no_forward_references", "test_annotations_with_forward_references",
         "test_annotations_empty_tuple", "test_pytree", "test_pytree_concrete", "test_script_tensor_constant",
         "test_fn_type_annotation_empty", "test_script_method_trace",
         "test_wrap_with_submodule"]) | {
        "test_graph_module_init_buffer_param_copied_mod_init": "beside its dict_init twin in test_fx_graph.py",
        "test_stack_traces": "tests/fx: nodes carry file and line of the packaged source",
        "test_native_callable": TORCHBIND,
        "test_torchbind_class_attribute_in_fx": TORCHBIND,
        "test_torchbind_class_attribute_in_fx_tensor_arg": TORCHBIND,
        "test_fn_type_annotations": SCRIPTS,
        "test_user_friendly_call_provenance_with_function": SCRIPTS,
        "test_user_friendly_call_provenance_with_module": SCRIPTS,
        "test_pickle_graphmodule": PICKLE,
        "test_pickle_custom_import": PICKLE,
        "test_pickle_torch_custom_ops": PICKLE,
        "test_pickle_nonetype_annotation": PICKLE,
        "test_torch_custom_ops": "torch.ops.aten.* by name",
        "test_custom_proxy_input_dependent_control_flow": "as test_custom_proxy_type_literal",
        "test_example_shape_prop": SHAPE_PROP,
        "test_shape_prop_layout": SHAPE_PROP,
        "test_shape_prop_aggregate": SHAPE_PROP,
        "test_shape_prop_layout_3d": SHAPE_PROP,
        "test_interpreter_noop_resnet18": "test_transformer_noop on torchvision's ResNet: tests/pytorch traces it whole",
        "test_replace_uses": "the same edit as test_remove_uses, on torchvision's ResNet",
        "test_get_torch_func_signature": "schemas of ATen operators (torch.fx.operator_schemas)",
        "test_getitem": "patches Tensor.__getitem__ in a process of its own",
        "test_getitem_subproc": "patches Tensor.__getitem__ in a process of its own",
        "test_custom_traceback_raised_when_exception_source_is_graphmodule": "CPython's traceback of generated code; errors here name the packaged line",
        "test_custom_traceback_not_raised_when_exception_source_is_submodule": "CPython's traceback of generated code",
        "test_graph_module_replicate_for_dp": "data parallelism",
        "test_ast_rewriter_rewrites_assert": AST_REWRITER,
        "test_ast_rewriter_rewrites_assert_with_message": AST_REWRITER,
        "test_ast_rewriter_reassigns_submodules": AST_REWRITER,
        "test_ast_rewriter_wrap": AST_REWRITER,
        "test_ast_rewriter_wrap_fn_directly": AST_REWRITER,
        "test_ast_rewriter_wrapped_via_decorator": AST_REWRITER,
        "test_ast_rewriter_wrapped_via_decorator_and_transformed": AST_REWRITER,
        "test_ast_rewriter_wrap_with_submodule": AST_REWRITER,
        "test_throw_out_variant": "check_mutable_operations, a switch of PyTorch's own tests",
        "test_profiler_ranges_side_effect": "profiler operators",
        "test_annotations_with_non_torch_reference_and_no_internal_forward_references": "as test_annotations_with_no_forward_references",
        "test_annotations_with_non_torch_reference_and_internal_forward_references": "as test_annotations_with_forward_references",
        "test_annotation_with_future": "postponed annotations are in the fx corpus (tests/fx)",
        "test_cpatcher": "patches C functions of CPython",
        "test_randn": "patches C functions of CPython",
    }),
    "test/test_testing.py": ("TestAssertClose and others", dict.fromkeys(
        ["test_mismatching_shape", "test_mismatching_dtype", "test_mismatching_stride_check", "test_mismatched_elements",
         "test_abs_diff", "test_rel_diff", "test_identifier_tensor_likes", "test_abs_diff_scalar", "test_rel_diff_scalar",
         "test_identifier_scalars", "test_scalar", "test_mismatching_types", "test_only_rtol", "test_only_atol",
         "test_none_mismatch", "test_bool", "test_sequence_mismatching_len", "test_sequence_mismatching_values_msg",
         "test_mapping_mismatching_keys", "test_mapping_mismatching_values_msg", "test_msg_str", "test_msg_callable",
         "test_default_names", "test_name_fn", "test_subtest_names"])),
}


def counterparts():
    """upstream test -> [(file, test)], from the comment lines above each test."""
    found = {}
    for path in sorted(HERE.glob("test_*.py")):
        comment = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            line = line.strip()
            if line.startswith("# "):
                comment += " " + line[2:]
            elif match := re.match(r"def (test_\w+)\(", line):
                for name in re.findall(r"(?:test_|\.\.\._)\w+", comment):
                    name = name.replace("..._", "test_subgraph_rewriter_") if name.startswith("...") else name
                    found.setdefault(name, []).append((path.name, match.group(1)))
                comment = ""
            elif not line.startswith("@"):
                comment = ""
    return found


def page():
    found = counterparts()
    lines = [
        "# PyTorch's own tests, and what stands for each here",
        "",
        "Made by tests/upstream/make_table.py. The tests here are our own words and models; each runs under fusepack's",
        "evaluator (`fusepack test tests/upstream/FILE.py`, a Bazel test) and, in CI, the same file under real PyTorch, which",
        "shows that what it expects is PyTorch's.",
        "",
    ]
    missing, with_one, without = [], 0, 0
    for file, (cls, tests) in UPSTREAM.items():
        lines += [f"## {file} ({cls})", "", "| upstream | here |", "| --- | --- |"]
        for name, reason in tests.items():
            if reason is None:
                places = found.get(name)
                if places is None:
                    missing.append(f"{file}: {name}")
                    continue
                with_one += 1
                lines.append(f"| {name} | {', '.join(f'{f} {t}' for f, t in dict.fromkeys(places))} |")
            elif reason.startswith("tests/") or reason.startswith("in test_"):
                with_one += 1
                lines.append(f"| {name} | {reason} |")
            else:
                without += 1
                lines.append(f"| {name} | none: {reason} |")
        lines.append("")
    lines.insert(6, f"{with_one} have a counterpart, {without} have none; each says why.\n")
    return "\n".join(lines), missing


if __name__ == "__main__":
    text, missing = page()
    if missing:
        sys.exit("no counterpart is named and no reason given:\n" + "\n".join(missing))
    if "--check" in sys.argv:
        sys.exit(0 if PAGE.read_text(encoding="utf-8") == text else f"{PAGE} is out of date: run {__file__}")
    PAGE.write_text(text, encoding="utf-8")
