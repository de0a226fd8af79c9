#!/usr/bin/env bash
# Fetches the bundles of GraphiQL and React that are committed beside this file, and their licences.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
graphiql=4.1.2
react=18.3.1

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --ignore-scripts --no-save --prefix . \
    "graphiql@$graphiql" "react@$react" "react-dom@$react" \
    "@radix-ui/react-use-escape-keydown@1.1.1" "graphql-ws@5.16.0"
packages="$folder/node_modules"

rm -f "$here"/{graphiql,react,react-dom}-[0-9]*
cp "$packages/react/umd/react.production.min.js" "$here/react-$react.min.js"
cp "$packages/react-dom/umd/react-dom.production.min.js" "$here/react-dom-$react.min.js"
# Out goes what names another host: the source map's address, and advice for users of a CDN.
sed -e '/^\/\/# sourceMappingURL=/d' \
    -e 's|"If you are using a CDN source[^]]*\]|"Load React first."]|' \
    "$packages/graphiql/graphiql.min.js" >"$here/graphiql-$graphiql.min.js"
# Out go the embedded fonts, seven eighths of the file: the page uses the system's.
perl -0pe 's/\@font-face\s*\{.*?\}\s*//gs; s/[ \t]*\n\s*/\n/g' \
    "$packages/graphiql/graphiql.min.css" >"$here/graphiql-$graphiql.min.css"

# Which packages are inside the bundle is read from its source map.
node - "$packages" >"$here/THIRD-PARTY.txt" <<'NODE'
const fs = require("fs");
const root = process.argv[2] + "/";
const map = JSON.parse(fs.readFileSync(root + "graphiql/graphiql.min.js.map", "utf8"));
const inside = new Set(["graphiql", "react", "react-dom", "graphql-ws"]);
for (const source of map.sources) {
  const found = [...source.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)/g)].pop();
  const own = source.match(/\.\.\/(graphiql-[a-z-]+|codemirror-graphql|graphql-language-service)\//);
  if (found) inside.add(found[1]);
  else if (own) inside.add(own[1].replace(/^graphiql-/, "@graphiql/"));
}
const read = (name, pattern) => {
  const files = fs.existsSync(root + name) ? fs.readdirSync(root + name) : [];
  const file = files.find((one) => pattern.test(one));
  return file && fs.readFileSync(root + name + "/" + file, "utf8").replace(/\r/g, "").trim();
};
// Some carry no text of their own: they are under the licence of a sister by the same authors.
const sister = {
  "@graphiql": "graphiql",
  "@radix-ui": "@radix-ui/react-dialog",
  "@react-aria": "@react-aria/focus",
  "react-compiler-runtime": "react",
  "react-remove-scroll-bar": "react-remove-scroll",
  "toggle-selection": "copy-to-clipboard",
};
const texts = new Map();
for (const name of [...inside].sort()) {
  const other = sister[name] ?? sister[name.split("/")[0]];
  const text = read(name, /^licen[sc]e/i) ?? read(other, /^licen[sc]e/i);
  texts.set(text, [...(texts.get(text) ?? []), name]);
}
console.log("GraphiQL and React are served with this server. Inside their bundles, with their licences:");
for (const [text, names] of texts) console.log(`\n${"=".repeat(80)}\n${names.join("\n")}\n\n${text}`);
NODE
wc -c "$here"/*.min.* "$here/THIRD-PARTY.txt"
