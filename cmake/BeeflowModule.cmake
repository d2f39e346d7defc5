# beeflow_module(NAME [SOURCES ...] [DEPS ...] [LIBS ...]
#                [TESTS ...] [TEST_DEPS ...] [TEST_LIBS ...] [TEST_LABEL label] [THREADS])
#
# Declares the static library beeflow_NAME from explicit sources. DEPS are other Beeflow modules,
# LIBS outside libraries. TESTS are GoogleTest sources beside the code; they become the one test
# program NAME_test, which may use TEST_DEPS modules besides. TEST_LABEL is `unit` unless given; the
# sanitizer builds run `unit` and `sim`.
#
# Four targets gather what all modules declare:
#   test_programs  every NAME_test
#   thread_tests   those with THREADS, whose code runs on several threads
#   header_check   compiles each header alone, so that it includes what it needs
#   layer_check    links each library with nothing but its DEPS and LIBS, so that the linker proves
#                  that it needs no other module
find_package(Threads REQUIRED)

add_library(beeflow_options INTERFACE)
target_include_directories(beeflow_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
# -Wrestrict warns of std::string's own code when GCC 12 optimizes (GCC bug 105651).
target_compile_options(beeflow_options INTERFACE -Wall -Wextra -Wshadow -Werror -Wno-restrict
                       -fmacro-prefix-map=${CMAKE_SOURCE_DIR}/=)
if(BEEFLOW_SANITIZE MATCHES address)
  # GCC 12 sees uninitialized memory in its own headers when it optimizes for AddressSanitizer.
  target_compile_options(beeflow_options INTERFACE -Wno-maybe-uninitialized)
endif()
if(BEEFLOW_SANITIZE)
  target_compile_options(beeflow_options INTERFACE -fsanitize=${BEEFLOW_SANITIZE}
                         -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(beeflow_options INTERFACE -fsanitize=${BEEFLOW_SANITIZE})
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Paths below the checkout are hashed relative to it: clones and worktrees share the results.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      ${CCACHE_PROGRAM})
endif()

add_custom_target(test_programs)
add_custom_target(thread_tests)
add_custom_target(header_check)
add_custom_target(layer_check)
set(BEEFLOW_TEST_RESULTS ${CMAKE_BINARY_DIR}/test-results)

function(beeflow_module name)
  cmake_parse_arguments(ARG "THREADS" "TEST_LABEL" "SOURCES;DEPS;LIBS;TESTS;TEST_DEPS;TEST_LIBS"
                        ${ARGN})
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "beeflow_module(${name}): unknown arguments ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  list(TRANSFORM ARG_DEPS PREPEND beeflow_)
  list(TRANSFORM ARG_TEST_DEPS PREPEND beeflow_)
  if(ARG_SOURCES)
    add_library(beeflow_${name} STATIC ${ARG_SOURCES})
    target_link_libraries(beeflow_${name} PUBLIC beeflow_options ${ARG_DEPS} ${ARG_LIBS})
    beeflow_layer_check(${name})
  else()
    add_library(beeflow_${name} INTERFACE)
    target_link_libraries(beeflow_${name} INTERFACE beeflow_options ${ARG_DEPS} ${ARG_LIBS})
  endif()
  beeflow_header_check(${name})
  if(BEEFLOW_TESTS AND ARG_TESTS)
    add_executable(${name}_test ${ARG_TESTS})
    target_link_libraries(${name}_test PRIVATE beeflow_${name} ${ARG_TEST_DEPS} ${ARG_TEST_LIBS}
                          GTest::gtest_main)
    add_test(NAME ${name}
             COMMAND ${name}_test --gtest_output=xml:${BEEFLOW_TEST_RESULTS}/${name}.xml)
    if(NOT ARG_TEST_LABEL)
      set(ARG_TEST_LABEL unit)
    endif()
    if(ARG_THREADS)
      list(APPEND ARG_TEST_LABEL threads)
      add_dependencies(thread_tests ${name}_test)
    endif()
    set_tests_properties(${name} PROPERTIES LABELS "${ARG_TEST_LABEL}")
    add_dependencies(test_programs ${name}_test)
  endif()
endfunction()

# Compiles each header of the module's folder in an otherwise empty source: it must need nothing
# before it. One that has a source of its own is left out: that includes it first (clang-format sees
# to that).
function(beeflow_header_check name)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/src
       ${CMAKE_CURRENT_SOURCE_DIR}/*.h)
  list(FILTER headers EXCLUDE REGEX "_for_test\\.h$")  # they may need what a test defines
  set(sources)
  foreach(header ${headers})
    string(REGEX REPLACE "\\.h$" ".cc" own_source ${CMAKE_SOURCE_DIR}/src/${header})
    if(EXISTS ${own_source})
      continue()
    endif()
    string(MAKE_C_IDENTIFIER ${header} identifier)
    set(source ${CMAKE_BINARY_DIR}/header_check/${identifier}.cc)
    file(CONFIGURE OUTPUT ${source} CONTENT "#include \"${header}\"\n")
    list(APPEND sources ${source})
  endforeach()
  if(sources)
    add_library(${name}_header_check OBJECT EXCLUDE_FROM_ALL ${sources})
    target_link_libraries(${name}_header_check PRIVATE beeflow_${name})
    target_compile_options(${name}_header_check PRIVATE -O0 -g0)
    add_dependencies(header_check ${name}_header_check)
  endif()
endfunction()

function(beeflow_layer_check name)
  set(source ${CMAKE_BINARY_DIR}/layer_check.cc)
  file(CONFIGURE OUTPUT ${source} CONTENT "int main() { return 0; }\n")
  add_executable(${name}_layer_check EXCLUDE_FROM_ALL ${source})
  target_link_libraries(${name}_layer_check PRIVATE
                        $<LINK_LIBRARY:WHOLE_ARCHIVE,beeflow_${name}>)
  add_dependencies(layer_check ${name}_layer_check)
endfunction()

# beeflow_python_tests(NAME FOLDER [PATTERN pattern]): the unittest tests of one folder as one ctest
# test with the label `python`.
function(beeflow_python_tests name folder)
  cmake_parse_arguments(ARG "" "PATTERN" "" ${ARGN})
  if(NOT ARG_PATTERN)
    set(ARG_PATTERN "test*.py")
  endif()
  add_test(NAME ${name}
           COMMAND /usr/bin/python3 ${CMAKE_SOURCE_DIR}/tools/run_python_tests.py
                   ${CMAKE_SOURCE_DIR}/${folder} --pattern ${ARG_PATTERN}
                   --output ${BEEFLOW_TEST_RESULTS}/${name}.xml)
  set_tests_properties(${name} PROPERTIES LABELS python
                       ENVIRONMENT "PYTHONPATH=${CMAKE_SOURCE_DIR}/python")
endfunction()
