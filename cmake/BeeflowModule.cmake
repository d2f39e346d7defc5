# beeflow_module(NAME SOURCES ... [DEPS ...] [LIBS ...] [TESTS ...] [TEST_DEPS ...] [TEST_LIBS ...])
#
# Declares the static library beeflow_NAME from explicit sources. DEPS are other Beeflow modules,
# LIBS outside libraries. TESTS are GoogleTest sources beside the code; they become the one test
# program NAME_test, which may use TEST_DEPS modules besides.
find_package(Threads REQUIRED)

add_library(beeflow_options INTERFACE)
target_include_directories(beeflow_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(beeflow_options INTERFACE -Wall -Wextra -Wshadow -Werror)
if(BEEFLOW_SANITIZE)
  target_compile_options(beeflow_options INTERFACE -fsanitize=${BEEFLOW_SANITIZE}
                         -fno-omit-frame-pointer)
  target_link_options(beeflow_options INTERFACE -fsanitize=${BEEFLOW_SANITIZE})
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

function(beeflow_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;LIBS;TESTS;TEST_DEPS;TEST_LIBS" ${ARGN})
  list(TRANSFORM ARG_DEPS PREPEND beeflow_)
  list(TRANSFORM ARG_TEST_DEPS PREPEND beeflow_)
  if(ARG_SOURCES)
    add_library(beeflow_${name} STATIC ${ARG_SOURCES})
    target_link_libraries(beeflow_${name} PUBLIC beeflow_options ${ARG_DEPS} ${ARG_LIBS})
  else()
    add_library(beeflow_${name} INTERFACE)
    target_link_libraries(beeflow_${name} INTERFACE beeflow_options ${ARG_DEPS} ${ARG_LIBS})
  endif()
  if(BEEFLOW_TESTS AND ARG_TESTS)
    add_executable(${name}_test ${ARG_TESTS})
    target_link_libraries(${name}_test PRIVATE beeflow_${name} ${ARG_TEST_DEPS} ${ARG_TEST_LIBS}
                          GTest::gtest_main)
    add_test(NAME ${name} COMMAND ${name}_test)
  endif()
endfunction()
