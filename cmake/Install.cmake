# What `make install` puts under the prefix. The installed program finds its data relative to
# itself (../share/beeflow) and needs nothing from the source tree.
#   bin/beeflow
#   share/beeflow/python          the authoring API, the parser and the task runner
#   share/beeflow/examples/dags   what `beeflow demo` and the experiments run
#   share/beeflow/examples/experiments   what `beeflow lab run` knows by name
#   share/beeflow/web             the pages: the lab's report
include(GNUInstallDirs)

set(BEEFLOW_DATA_DIR ${CMAKE_INSTALL_DATADIR}/beeflow)
set(no_caches PATTERN "__pycache__" EXCLUDE PATTERN "*.pyc" EXCLUDE)

if(TARGET beeflow)
  set_target_properties(beeflow PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  install(TARGETS beeflow RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(DIRECTORY python/ DESTINATION ${BEEFLOW_DATA_DIR}/python ${no_caches})
# Without compiled files each zygote would compile the whole API anew: nobody may write them later.
# They tell by content whether they are up to date, since packaging changes times of files.
install(CODE "
  set(root \"\$ENV{DESTDIR}\")
  execute_process(
    COMMAND /usr/bin/python3 -m compileall -q --invalidation-mode unchecked-hash
      -s \"\${root}\" -p / \"\${root}\${CMAKE_INSTALL_PREFIX}/${BEEFLOW_DATA_DIR}/python\"
    COMMAND_ERROR_IS_FATAL ANY)")
install(DIRECTORY examples/dags examples/experiments
        DESTINATION ${BEEFLOW_DATA_DIR}/examples ${no_caches})
install(DIRECTORY web/ DESTINATION ${BEEFLOW_DATA_DIR}/web
        PATTERN "node_modules" EXCLUDE PATTERN "package*.json" EXCLUDE)
install(DIRECTORY web/node_modules/plotly.js-cartesian-dist-min
        DESTINATION ${BEEFLOW_DATA_DIR}/web/node_modules)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
