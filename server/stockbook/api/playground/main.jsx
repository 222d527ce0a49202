// The playground: GraphiQL with a place for the token and the registered documents as examples.
import { useEditorContext } from "@graphiql/react";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import "graphiql/style.css";
import { createClient } from "graphql-ws";
import { useEffect, useMemo, useState } from "react";
import { createRoot } from "react-dom/client";

import { WELCOME, kindOf, nameOf, say, skeleton } from "./words.jsx";
import "./style.css";

const KEPT = "stockbook.token";
const HERE = window.location;
const HTTP = `${HERE.origin}/graphql`;
const SOCKET = HTTP.replace("http", "ws");

// A link may carry a token behind the #, which browsers send to nobody.
function given() {
  const found = new URLSearchParams(HERE.hash.slice(1)).get("token");
  if (found) {
    sessionStorage.setItem(KEPT, found);
    history.replaceState(null, "", HERE.pathname);
  }
  return found ?? sessionStorage.getItem(KEPT) ?? "";
}

function fetcherFor(token) {
  const own = token ? { Authorization: `Bearer ${token}` } : {};
  const plain = createGraphiQLFetcher({ url: HTTP, headers: own, enableIncrementalDelivery: false });
  const sockets = new Map();
  return (request, options = {}) => {
    const headers = { ...own, ...options.headers };
    if (!isSubscription(request, options)) return plain(request, { ...options, headers });
    const key = JSON.stringify(headers);
    if (!sockets.has(key)) sockets.set(key, createClient({ url: SOCKET, connectionParams: headers, lazy: true }));
    return sockets.get(key).iterate(request);
  };
}

function isSubscription(request, { documentAST }) {
  const operations = (documentAST?.definitions ?? []).filter((each) => each.kind === "OperationDefinition");
  const meant = operations.find((each) => each.name?.value === request.operationName) ?? operations[0];
  return meant?.operation === "subscription";
}

function Examples() {
  const { queryEditor, variableEditor } = useEditorContext({ nonNull: true });
  const [documents, setDocuments] = useState(null);
  useEffect(() => {
    fetch("/playground/documents")
      .then((answer) => answer.json())
      .then((texts) => setDocuments(texts.sort((one, other) => nameOf(one).localeCompare(nameOf(other)))))
      .catch(() => setDocuments([]));
  }, []);
  const show = (text) => {
    queryEditor?.setValue(text);
    variableEditor?.setValue(skeleton(text));
  };
  return (
    <section className="examples">
      <h2>{say("examples")}</h2>
      <p>{say("examplesHint")}</p>
      {documents?.length === 0 && <p className="none">{say("noExamples")}</p>}
      <ul>
        {(documents ?? []).map((text) => (
          <li key={text}>
            <button type="button" onClick={() => show(text)}>
              <span className={`kind ${kindOf(text)}`}>{kindOf(text)}</span>
              {nameOf(text)}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function BookIcon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <path d="M5 4h11a3 3 0 0 1 3 3v13H8a3 3 0 0 1-3-3z M9 9h6 M9 13h6" />
    </svg>
  );
}

const EXAMPLES = { title: say("examples"), icon: BookIcon, content: Examples };
const PLUGINS = [EXAMPLES]; // one list for ever: GraphiQL begins anew with another

function Bar({ token, onToken }) {
  const [draft, setDraft] = useState(token);
  return (
    <header className="bar">
      <img src="/playground/icon.svg" alt="" />
      <strong>Stockbook</strong>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onToken(draft.trim().replace(/^Bearer\s+/i, ""));
        }}
      >
        <label htmlFor="token">{say("token")}</label>
        <input
          id="token"
          type="password"
          autoComplete="off"
          spellCheck={false}
          placeholder="eyJhbGciOi…"
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
        />
        <button type="submit">{say("use")}</button>
      </form>
      <span className={token ? "state in" : "state"}>{say(token ? "signedIn" : "signedOut")}</span>
    </header>
  );
}

function Playground() {
  const [token, setToken] = useState(given);
  const fetcher = useMemo(() => fetcherFor(token), [token]);
  useEffect(() => {
    // GraphiQL has no way to begin with a panel open: open it as a person would
    const open = () => document.querySelector(`[aria-label="Show ${say("examples")}"]`)?.click();
    const timer = setTimeout(open, 300);
    return () => clearTimeout(timer);
  }, []);
  const use = (next) => {
    sessionStorage.setItem(KEPT, next);
    setToken(next);
  };
  return (
    <>
      <Bar token={token} onToken={use} />
      <main>
        <GraphiQL
          fetcher={fetcher}
          schema={token ? undefined : null}
          plugins={PLUGINS}
          defaultQuery={WELCOME}
          defaultEditorToolsVisibility="variables"
          inputValueDeprecation
          shouldPersistHeaders={false}
        >
          <GraphiQL.Logo>{" "}</GraphiQL.Logo>
        </GraphiQL>
      </main>
    </>
  );
}

createRoot(document.getElementById("root")).render(<Playground />);
