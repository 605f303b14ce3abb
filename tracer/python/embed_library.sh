#!/bin/sh
# embed_library.sh OUT FILE...: the C++ table of library.h over lib/**/*.py. Only a shell is needed.
out=$1
shift
{
  echo '// Made by embed_library.sh.'
  echo '#include "tracer/python/library.h"'
  echo 'namespace fusepack::py {'
  echo 'namespace {'
  echo 'constexpr LibraryFile kFiles[] = {'
  for file in "$@"; do
    path=${file##*python/lib/}
    module=$(echo "${path%.py}" | tr / .)
    package=false
    case $module in
      *.__init__) module=${module%.__init__}; package=true ;;
    esac
    printf '{"%s", "%s", %s,\n' "$module" "$path" "$package"
    # In pieces: compilers limit the length of one literal.
    awk 'BEGIN { printf "R\"PYTHON(" } { print } NR % 150 == 0 { print ")PYTHON\""; printf "R\"PYTHON(" } END { print ")PYTHON\"" }' "$file"
    echo '},'
  done
  echo '};'
  echo '}'
  echo 'std::span<const LibraryFile> LibraryFiles() { return kFiles; }'
  echo '}'
} > "$out"
