# The Debian package: `make deb`. What is in it: packaging/install.cmake, then packaging/debian/stage.cmake.
set(AM_MAINTAINER "Alpha Monday authors <alpha-monday@packages.invalid>" CACHE STRING "maintainer of the Debian package")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME am)
set(CPACK_PACKAGE_CONTACT ${AM_MAINTAINER})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "three stock picks every Monday, measured against the index")
set(CPACK_PACKAGE_DESCRIPTION
"Alpha Monday has a model pick three S&P 500 stocks every Monday, measures
them against the index on each of the next fourteen days, and reports whether
there is alpha or only luck.
.
All state is in PostgreSQL. Every command is a short process that cron, a
systemd timer or a Kubernetes CronJob starts. The units are installed, but
neither enabled nor started.")
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS ${CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS})
# With DESTDIR the install script sees the real prefix, which it writes into the units.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_SOURCE_DIR}/packaging/debian/stage.cmake)
set(CPACK_AM_SOURCE_DIR ${CMAKE_SOURCE_DIR})

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# libcurl is loaded when first needed (src/kernel/http_curl.cpp), so the binary does not name it.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libcurl4t64 | libcurl4, tzdata, ca-certificates, adduser")
# What strategies in Python run in: nothing else needs them.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "bubblewrap, python3")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "postgresql-client, systemd-sysv | cron-daemon")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
foreach(name conffiles postinst prerm postrm)
  list(APPEND CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_SOURCE_DIR}/packaging/debian/${name})
endforeach()

include(CPack)
