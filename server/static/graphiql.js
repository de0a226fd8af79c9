"use strict";

// A token given in the Headers pane of one tab serves every tab until the page is reloaded: it is
// kept in memory only.
const { createElement, useState } = React;
const here = new URL(".", location.href);
const text = document.getElementById("tabs").textContent;
const blankHeaders = JSON.stringify({ Authorization: "Bearer " }, null, 2);
const tabs = JSON.parse(text).map((tab) => ({ ...tab, headers: blankHeaders }));

let token = "";
let showToken = () => {};

function withToken(options = {}) {
  const { authorization, Authorization = authorization, ...headers } = options.headers ?? {};
  const given = String(Authorization ?? "").trim();
  if (given && !/^bearer$/i.test(given)) {
    token = given;
    showToken(given);
  }
  return { ...options, headers: token ? { ...headers, Authorization: token } : headers };
}

const fetcher = GraphiQL.createFetcher({
  url: new URL("graphql", here).href,
  subscriptionUrl: new URL("graphql", here).href.replace(/^http/, "ws"),
});

function Token() {
  const [shown, setShown] = useState(token);
  showToken = setShown;
  return createElement(
    "div",
    { className: "token" },
    shown
      ? "Your token is sent from every tab, until this page is reloaded."
      : "No token yet: put one in Headers, after “Bearer ”. Every tab will use it.",
  );
}

// Other examples, other storage: a new version's tabs are seen at once.
function hash(words) {
  let sum = 5381;
  for (const character of words) sum = ((sum * 33) ^ character.codePointAt(0)) >>> 0;
  return sum.toString(36);
}

// GraphiQL's history would write the headers, and so the token, to the disk.
function withoutHeaders(storage) {
  const strip = (key, value) => (key === "headers" ? undefined : value);
  return {
    ...storage,
    get length() {
      return storage.length;
    },
    setItem(key, value) {
      const stored = /:(queries|favorites)$/.test(key);
      storage.setItem(key, stored ? JSON.stringify(JSON.parse(value), strip) : value);
    },
  };
}

const storage = GraphiQL.createLocalStorage({ namespace: `linli-${hash(text)}` });

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  createElement(
    GraphiQL,
    {
      fetcher: (question, options) => fetcher(question, withToken(options)),
      defaultTabs: tabs.length ? tabs : undefined,
      defaultHeaders: blankHeaders,
      defaultEditorToolsVisibility: true,
      shouldPersistHeaders: false,
      storage: withoutHeaders(storage),
    },
    createElement(GraphiQL.Logo, null, createElement("a", { href: here.href }, "Linli")),
    createElement(GraphiQL.Footer, null, createElement(Token)),
  ),
);
