// What the app adds to every page in the browser: a history with one entry for each action, and
// word to the server once the first page is drawn.
const PATCHED = Symbol.for("eca_viz.history");
const TOLD = Symbol.for("eca_viz.drawn");
const LEAVING = Symbol.for("eca_viz.leaving"); // whether another page was asked for and is coming
const ARRIVAL = 10000; // ms after which a page is no longer waited for
const PAGE_LINKS = "[data-testid=stSidebarNavLink], [data-testid=stPageLink-NavLink]";
const SENT = 10; // ms after which Streamlit has sent what components told it
let left = -Infinity; // when another page was asked for
let arrived = () => true; // whether it is there

// Streamlit writes an entry of the browser's history for each part of the address that the server
// changes, and none for what a person changes in a widget. Here each action of a person makes one
// entry, whatever it changes, so that Back never lands between two states.
function keepHistory() {
    if (history[PATCHED]) return;
    history[PATCHED] = true;
    const push = history.pushState.bind(history);
    const replace = history.replaceState.bind(history);
    let fresh = false; // whether the address is still that of the last action
    let early = true; // whether no action was seen, so that a new page comes of one before
    for (const kind of ["pointerdown", "keydown"]) {
        window.addEventListener(kind, () => { fresh = true; early = false; }, true);
    }
    let path = location.pathname;
    window.addEventListener("popstate", () => {
        fresh = early = false;
        if (path === location.pathname) return;
        path = location.pathname;
        const title = document.title;
        leave(() => document.title !== title);
    }, true);
    const write = (state, title, asked) => {
        const url = inEnglish(asked);
        const next = new URL(url ?? "", location.href);
        const enter = early ? next.pathname !== path : fresh && next.href !== location.href;
        if (enter) fresh = early = false;
        (enter ? push : replace)(state, title, url);
        path = location.pathname;
    };
    history.pushState = write;
    history.replaceState = write;
}

// The address holds the English texts of options and tabs, whatever the language of the page.
const ORIGINALS = Symbol.for("eca_viz.originals");

function inEnglish(asked) {
    if (asked === undefined || asked === null) return asked;
    const url = new URL(asked, location.href);
    const known = window[ORIGINALS] ?? {};
    const values = [...url.searchParams];
    if (!values.some(([, value]) => Object.hasOwn(known, value))) return asked;
    url.search = new URLSearchParams(
        values.map(([key, value]) => [key, Object.hasOwn(known, value) ? known[value] : value]));
    return url.href;
}

// Where something that the page before has told reaches the server after the wish for another
// page, Streamlit's front end empties that other page. So a link is followed when all that was
// told is sent, and no component tells anything by itself until the other page is there. A link
// changes the address when it is there; Back does so at once, and the title follows.
function leave(there, since = performance.now()) {
    if (since < left) return;
    left = since;
    arrived = there;
}

function leaveInOrder() {
    if (window[LEAVING]) return;
    window[LEAVING] = () => performance.now() - left < ARRIVAL && !arrived();
    // A link may have been clicked before this was here; the browser keeps the first input.
    new PerformanceObserver(list => {
        for (const {target, startTime} of list.getEntries()) {
            const link = target?.closest(PAGE_LINKS);
            if (!link || link.pathname === location.pathname) continue;
            leave(() => location.pathname === link.pathname, startTime);
        }
    }).observe({type: "first-input", buffered: true});
    let following = false;
    window.addEventListener("click", event => {
        const link = event.composedPath().find(node => node.matches?.(PAGE_LINKS));
        const modified = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
        if (following || modified || !link || link.pathname === location.pathname) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        leave(() => location.pathname === link.pathname);
        setTimeout(() => {
            // The page may have drawn its links anew.
            const links = [link, ...document.querySelectorAll(PAGE_LINKS)];
            following = true;
            links.find(one => one.isConnected && one.href === link.href)?.click();
            following = false;
        }, SENT);
    }, true);
}

// On a projector the arrow keys lead from chart to chart; in the lesson its buttons take them.
const PRESENTED = Symbol.for("eca_viz.presented");
const WAYS = {ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1};
const NEAR = 40; // px from the top of the screen, within which a chart is the one that is shown

function leadByKeys() {
    if (window[PRESENTED]) return;
    window[PRESENTED] = true;
    window.addEventListener("keydown", event => {
        const way = WAYS[event.key];
        if (!way || !document.querySelector(".st-key-end_presentation")) return;
        if (document.querySelector(".st-key-lesson")) return;
        if (event.target.closest("input, textarea, [role=slider], [role=radio], [role=tab]")) return;
        const charts = [...document.querySelectorAll("[data-testid=stPlotlyChart]")]
            .filter(chart => !chart.closest(".st-key-network_picture"))
            .map(chart => chart.closest("[class*=st-key-mechanism-]")
                ?? chart.closest("[data-testid=stElementContainer]"))
            .filter(chart => chart.offsetParent !== null);
        const place = chart => chart.getBoundingClientRect().top;
        const next = way > 0
            ? charts.find(chart => place(chart) > NEAR)
            : charts.findLast(chart => place(chart) < -NEAR);
        next?.scrollIntoView({block: "start"});
        if (next) event.preventDefault();
    });
}

function tellWhenDrawn(tell) {
    const plots = [...document.querySelectorAll(".js-plotly-plot")];
    const drawn = plots.length > 0 && plots.every(plot => plot.querySelector(".main-svg"))
        && !document.querySelector("[data-testid=stSkeleton]");
    if (!drawn || window[LEAVING]()) setTimeout(() => tellWhenDrawn(tell), 200);
    else requestAnimationFrame(() => setTimeout(
        () => window[LEAVING]() ? tellWhenDrawn(tell) : tell(), 100));
}

export default function ({data, setTriggerValue}) {
    window[ORIGINALS] = Object.fromEntries(data);
    keepHistory();
    const here = inEnglish(location.href);
    if (here !== location.href) history.replaceState(history.state, "", here);
    leaveInOrder();
    leadByKeys();
    if (window[TOLD]) return;
    window[TOLD] = true;
    tellWhenDrawn(() => setTriggerValue("drawn", true));
}
