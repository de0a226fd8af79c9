#!/usr/bin/env bash
# Fetches graphql-http's server audit, which is committed beside this file, and its licence.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=1.23.1

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --ignore-scripts --no-save --legacy-peer-deps --prefix "$folder" \
    "graphql-http@$version"
package="$folder/node_modules/graphql-http"

rm -rf "$here/vendor"
mkdir -p "$here/vendor/audits"
cp "$package/LICENSE.md" "$here/vendor/"
cp "$package/lib/utils.mjs" "$here/vendor/"
cp "$package/lib/audits/server.mjs" "$package/lib/audits/utils.mjs" "$here/vendor/audits/"
