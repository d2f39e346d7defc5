# beeflow_node_modules(TARGET FOLDER): fetches what FOLDER/package-lock.json pins, with npm, where
# FOLDER/node_modules lacks it. Nothing is fetched, and no network touched, where it is there.
find_program(NPM_PROGRAM npm)

function(beeflow_node_modules target folder)
  set(modules ${CMAKE_SOURCE_DIR}/${folder})
  set(stamp ${modules}/node_modules/.package-lock.json)
  if(NOT NPM_PROGRAM)
    message(WARNING "There is no npm: ${folder}/node_modules is left as it is. Install npm, see "
                    "packages/build.txt.")
    add_custom_target(${target})
    return()
  endif()
  add_custom_command(
    OUTPUT ${stamp}
    COMMAND ${NPM_PROGRAM} ci --no-audit --no-fund --ignore-scripts --loglevel=error
    COMMAND ${CMAKE_COMMAND} -E touch ${stamp}
    DEPENDS ${modules}/package-lock.json
    WORKING_DIRECTORY ${modules}
    COMMENT "Fetching ${folder}/node_modules"
    VERBATIM)
  add_custom_target(${target} ALL DEPENDS ${stamp})
endfunction()
