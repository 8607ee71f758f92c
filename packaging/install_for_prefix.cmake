# Included by the install script: the files whose content or place depends on the prefix.

# The committed units and crontab name /usr/bin/am: the installed ones name what was installed.
function(install_schedule destination)
  foreach(file IN LISTS ARGN)
    get_filename_component(name ${file} NAME)
    file(READ ${file} text)
    string(REPLACE "/usr/bin/am" "${CMAKE_INSTALL_PREFIX}/bin/am" text "${text}")
    file(WRITE ${AM_BINARY_DIR}/installed/${name} "${text}")
    file(INSTALL DESTINATION ${CMAKE_INSTALL_PREFIX}/${destination} TYPE FILE FILES ${AM_BINARY_DIR}/installed/${name})
  endforeach()
  set(CMAKE_INSTALL_MANIFEST_FILES ${CMAKE_INSTALL_MANIFEST_FILES} PARENT_SCOPE)  # what `make uninstall` removes
endfunction()

file(GLOB units ${AM_SOURCE_DIR}/systemd/*.service ${AM_SOURCE_DIR}/systemd/*.timer)
install_schedule(lib/systemd/system ${units})
install_schedule(share/doc/am/examples ${AM_SOURCE_DIR}/crontab.example)
# Where the pages look for it.
file(CREATE_LINK examples/crontab.example $ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/share/doc/am/crontab.example SYMBOLIC)
list(APPEND CMAKE_INSTALL_MANIFEST_FILES ${CMAKE_INSTALL_PREFIX}/share/doc/am/crontab.example)

# Debian's zsh keeps site-functions of /usr for the administrator.
set(zsh site-functions)
if(CMAKE_INSTALL_PREFIX STREQUAL /usr AND EXISTS /etc/debian_version)
  set(zsh vendor-completions)
endif()
file(INSTALL DESTINATION ${CMAKE_INSTALL_PREFIX}/share/zsh/${zsh} TYPE FILE FILES ${AM_SOURCE_DIR}/completions/_am)
