// The page in Airflow's UI: a component within Airflow's own page, drawn with the React that Airflow has loaded.
// Every text goes in as a React child, so nothing that the platform sends is ever run.

const { createElement: h, useEffect, useState } = globalThis.React;
const { Link, useSearchParams } = globalThis.ReactRouterDOM;

const REFRESH_SECONDS = 30;
const ROWS = 25;
const COLUMNS = [
  ["name", "Dataflow"],
  ["source", "Source"],
  ["state", "State"],
  ["last_run", "Last runs"],
];
const REFUSED =
  "You are signed in, and you may not see this page: it needs the right to read connections. " +
  "An administrator can grant it, or open the page to more users by the setting [aep] ui_access.";

const address = (path) => new URL(`aep/${path}`, document.baseURI);
const classes = (...names) => names.filter(Boolean).join(" ");
const number = (count) => (count === null || count === undefined ? "–" : count.toLocaleString());
const localTime = (iso) => (iso ? new Date(iso).toLocaleString([], { dateStyle: "medium", timeStyle: "short" }) : "–");

// What a route says: {data}, {error} with a sentence for people, or neither while it is asked for the first time. While
// another page or search is being asked for, what was there before stays.
function useJson(path) {
  const [answer, setAnswer] = useState({});
  useEffect(() => {
    let wanted = true;
    const ask = async () => {
      try {
        const response = await fetch(address(path), { headers: { Accept: "application/json" } });
        const body = await response.json();
        if (!wanted) return;
        if (response.ok) setAnswer({ data: body });
        else setAnswer({ error: response.status === 403 ? REFUSED : sentence(body, response.status) });
      } catch (problem) {
        if (wanted) setAnswer({ error: `Airflow's API server does not answer: ${problem.message}` });
      }
    };
    if (path) ask();
    const timer = path && setInterval(ask, REFRESH_SECONDS * 1000);
    return () => {
      wanted = false;
      clearInterval(timer);
    };
  }, [path]);
  return answer;
}

function sentence(body, status) {
  const detail = body && body.detail;
  return typeof detail === "string" ? detail : `The page cannot be shown (status ${status}).`;
}

const Problem = ({ text }) => h("p", { className: "aep-problem", role: "alert" }, text);
const Loading = () => h("p", { className: "aep-muted", role: "status" }, "Asking Experience Platform …");
const State = ({ state }) => h("span", { className: `aep-state aep-state-${state}` }, state);
const Outside = ({ to, children }) => h("a", { href: to, target: "_blank", rel: "noreferrer" }, children);

function Dags({ ids }) {
  if (!ids) return null;
  if (!ids.length) return h("span", { className: "aep-muted" }, "–");
  return ids.map((id) => h(Link, { key: id, className: "aep-dag", to: `/dags/${encodeURIComponent(id)}` }, id));
}

function said(run) {
  const { records } = run;
  const failed = records.failed ? `, ${number(records.failed)} failed` : "";
  const lines = [localTime(run.started_at), `${run.status}: ${number(records.output)} records written${failed}`];
  return (run.said ? [...lines, run.said] : lines).join("\n");
}

// The newest run stands on the right, as in Airflow's grid.
function Bars({ runs, lastRun }) {
  if (!runs) return h("span", { className: "aep-muted" }, "…");
  if (!runs.length && lastRun) return h("span", { className: "aep-muted" }, `${lastRun.state}, ${localTime(lastRun.at)}`);
  if (!runs.length) return h("span", { className: "aep-muted" }, "no runs");
  const failed = runs.reduce((sum, run) => sum + (run.records.failed || 0), 0);
  return h(
    "span",
    { className: "aep-bars" },
    [...runs].reverse().map((run) =>
      h("a", { key: run.id, href: run.url, target: "_blank", rel: "noreferrer", title: said(run), "aria-label": said(run),
        className: `aep-bar aep-run-${run.outcome}` }),
    ),
    h("span", { className: "aep-count" }, number(runs[0].records.output)),
    failed ? h("span", { className: "aep-count aep-failed-count" }, `${number(failed)} failed`) : null,
  );
}

function Row({ row, activity }) {
  return h(
    "tr",
    null,
    h("td", { className: "aep-name" }, h(Link, { to: `?flow=${encodeURIComponent(row.id)}` }, row.name)),
    h("td", { className: "aep-roomy" }, row.source),
    h("td", null, h(State, { state: row.state })),
    h("td", null, h(Bars, { runs: activity && activity.runs, lastRun: row.last_run })),
    h("td", { className: "aep-wide" }, row.schedule),
    h("td", { className: "aep-wide" }, h(Dags, { ids: activity && activity.dags })),
  );
}

function SortedHeading({ column, label, query, change }) {
  const current = (query.get("sort") || "name") === column;
  const descending = current && query.get("descending") === "true";
  const next = { sort: column, descending: current ? String(!descending) : String(column === "last_run"), page: "1" };
  return h(
    "th",
    { className: column === "source" ? "aep-roomy" : "", "aria-sort": current ? (descending ? "descending" : "ascending") : "none" },
    h("button", { type: "button", onClick: () => change(next) }, label, current ? (descending ? " ↓" : " ↑") : ""),
  );
}

function Toolbar({ query, change, connections, states }) {
  const select = (name, values, all) =>
    h(
      "select",
      { value: query.get(name) || all || values[0], "aria-label": name, onChange: (event) =>
        change({ [name]: event.target.value === all ? "" : event.target.value, page: "1" }) },
      (all ? [all, ...values] : values).map((value) => h("option", { key: value, value }, value)),
    );
  return h(
    "div",
    { className: "aep-toolbar" },
    h("input", { type: "search", placeholder: "Search name, source or id", "aria-label": "Search",
      defaultValue: query.get("search") || "", onChange: (event) => change({ search: event.target.value, page: "1" }) }),
    select("state", states, "all states"),
    connections.length > 1 ? select("connection", connections) : null,
  );
}

function Pager({ found, page, change }) {
  const pages = Math.max(1, Math.ceil(found / ROWS));
  const go = (to, label) =>
    h("button", { type: "button", disabled: to < 1 || to > pages, onClick: () => change({ page: String(to) }) }, label);
  return pages > 1
    ? h("div", { className: "aep-pager" }, go(page - 1, "Previous"), `Page ${page} of ${pages}`, go(page + 1, "Next"))
    : null;
}

function Dataflows({ connection, connections, query, change }) {
  const page = Number(query.get("page") || 1);
  const wanted = new URLSearchParams({ size: ROWS, page });
  for (const name of ["search", "state", "sort", "descending"]) if (query.get(name)) wanted.set(name, query.get(name));
  const { data, error } = useJson(`api/${encodeURIComponent(connection)}/flows?${wanted}`);
  const shown = data ? data.flows : [];
  const ids = shown.map((row) => `flow=${encodeURIComponent(row.id)}`).join("&");
  const activity = useJson(ids ? `api/${encodeURIComponent(connection)}/activity?${ids}` : null);
  return h(
    "section",
    null,
    h("h1", null, "AEP dataflows"),
    data ? h("p", { className: "aep-muted" }, `${number(data.total)} dataflows in sandbox ${data.sandbox} of ${data.org}`) : null,
    h(Toolbar, { query, change, connections, states: data ? data.states : [] }),
    error ? h(Problem, { text: error }) : null,
    activity.error ? h(Problem, { text: activity.error }) : null,
    !data && !error ? h(Loading) : null,
    data && !shown.length ? h("p", { className: "aep-empty" }, data.total ? "No dataflow matches." : "There is no dataflow in this sandbox yet.") : null,
    shown.length
      ? h("div", { className: "aep-scroll" }, h("table", null,
          h("thead", null, h("tr", null,
            COLUMNS.map(([column, label]) => h(SortedHeading, { key: column, column, label, query, change })),
            h("th", { className: "aep-wide" }, "Schedule"), h("th", { className: "aep-wide" }, "DAGs"))),
          h("tbody", null, shown.map((row) =>
            h(Row, { key: row.id, row, activity: activity.data && activity.data[row.id] })))))
      : null,
    data ? h(Pager, { found: data.found, page, change }) : null,
  );
}

// Records written by each run over time, and what failed of them, on one scale.
function Plot({ runs }) {
  const told = [...runs].reverse().filter((run) => run.records.output !== null || run.records.failed);
  if (!told.length) return h("p", { className: "aep-muted" }, "No run tells how many records it wrote.");
  const [width, height] = [12 * Math.max(told.length, 20), 120];
  const most = Math.max(1, ...told.map((run) => (run.records.output || 0) + (run.records.failed || 0)));
  const bar = (run, at) => {
    const written = ((run.records.output || 0) / most) * height;
    const failed = run.records.failed ? Math.max(2, (run.records.failed / most) * height) : 0;
    return h("g", { key: run.id }, h("title", null, said(run)),
      h("rect", { className: "aep-written", x: at * 12, y: height - written, width: 9, height: written }),
      h("rect", { className: "aep-lost", x: at * 12, y: height - written - failed, width: 9, height: failed }));
  };
  return h("figure", { className: "aep-plot" },
    h("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": "Records of each run" }, told.map(bar)),
    h("figcaption", { className: "aep-muted" },
      `Records of ${told.length} runs, ${localTime(told[0].started_at)} to ${localTime(told[told.length - 1].started_at)}; at most ${number(most)}`));
}

function Table({ headings, rows, empty }) {
  if (!rows.length) return h("p", { className: "aep-muted" }, empty);
  return h("div", { className: "aep-scroll" }, h("table", null,
    h("thead", null, h("tr", null, headings.map((heading) => h("th", { key: heading }, heading)))),
    h("tbody", null, rows.map((cells, at) => h("tr", { key: at }, cells.map((cell, column) => h("td", { key: column }, cell)))))));
}

function runRow(run) {
  const { records } = run;
  return [h("span", { className: "aep-time" }, h(Outside, { to: run.url }, localTime(run.started_at))), h("span", { className: `aep-outcome aep-text-${run.outcome}` }, run.status || "unknown"),
    number(records.input), number(records.output), h("span", { className: records.failed ? "aep-failed-count" : "" }, number(records.failed)),
    run.seconds === null ? "–" : `${Math.round(run.seconds)} s`, run.said || ""];
}

function Spec({ text, error }) {
  const [copied, setCopied] = useState(false);
  if (!text) return h("p", { className: "aep-muted" }, error || "");
  const copy = () => navigator.clipboard.writeText(text).then(() => setCopied(true));
  return h("div", { className: "aep-spec" }, h("button", { type: "button", onClick: copy }, copied ? "Copied" : "Copy"), h("pre", null, text));
}

function Dataflow({ connection, id }) {
  const place = `api/${encodeURIComponent(connection)}/flows/${encodeURIComponent(id)}`;
  const { data, error } = useJson(place);
  const spec = useJson(data ? `${place}/spec` : null);
  if (!data) return h("section", null, h(Link, { to: "?" }, "← All dataflows"), error ? h(Problem, { text: error }) : h(Loading));
  const mapping = data.mappings.map((one) => [one.destination, one.type === "ATTRIBUTE" ? one.source : h("code", null, one.source),
    one.identity ? `${one.type.toLowerCase()}, identity` : one.type.toLowerCase()]);
  const drift = spec.data && spec.data.drift;
  return h("section", null,
    h(Link, { to: "?" }, "← All dataflows"),
    h("h1", null, data.name, " ", h(State, { state: data.state })),
    data.description ? h("p", null, data.description) : null,
    h("p", { className: "aep-muted" }, `${data.source}, ${data.schedule}. `, h(Outside, { to: data.url }, "Open in Experience Platform")),
    data.dags.length ? h("p", null, "Made or run by ", h(Dags, { ids: data.dags })) : null,
    h("h2", null, "Runs"), h(Plot, { runs: data.runs }),
    h(Table, { headings: ["Began", "Status", "Read", "Written", "Failed", "Took", ""], rows: data.runs.slice(0, 20).map(runRow), empty: "It has not run yet." }),
    h("h2", null, "Mapping"), h(Table, { headings: ["Field of the schema", "Filled by", "Kind"], rows: mapping, empty: "It has no mapping." }),
    drift ? h("h2", null, "Drift") : null,
    drift ? h("pre", { className: classes("aep-drift", spec.data.drifted && "aep-drifted") }, drift) : null,
    h("h2", null, "As a file"), spec.data || spec.error ? h(Spec, { text: spec.data && spec.data.yaml, error: spec.error || (spec.data && spec.data.problem) }) : h(Loading));
}

function Page() {
  const [query, setQuery] = useSearchParams();
  const connections = useJson("api/connections");
  const change = (values) =>
    setQuery((before) => {
      const after = new URLSearchParams(before);
      for (const [name, value] of Object.entries(values)) value ? after.set(name, value) : after.delete(name);
      return after;
    });
  if (connections.error) return h("main", { className: "aep-page" }, h("h1", null, "AEP dataflows"), h(Problem, { text: connections.error }));
  if (!connections.data) return h("main", { className: "aep-page" }, h(Loading));
  const connection = query.get("connection") || connections.data[0];
  const flow = query.get("flow");
  return h("main", { className: "aep-page" },
    h("link", { rel: "stylesheet", href: address("static/page.css") }),
    flow ? h(Dataflow, { key: flow, connection, id: flow }) : h(Dataflows, { key: connection, connection, connections: connections.data, query, change }));
}

globalThis["AEP dataflows"] = Page;
