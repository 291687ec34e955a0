// What the app adds to every page in the browser: a history with one entry for each action, and
// word to the server once the first page is drawn.
const PATCHED = Symbol.for("eca_viz.history");
const TOLD = Symbol.for("eca_viz.drawn");

// Streamlit writes an entry of the browser's history for each part of the address that the server
// changes, and none for what a person changes in a widget. Here each action of a person makes one
// entry, whatever it changes, so that Back never lands between two states.
function keepHistory() {
    if (history[PATCHED]) return;
    history[PATCHED] = true;
    const push = history.pushState.bind(history);
    const replace = history.replaceState.bind(history);
    let fresh = false; // whether the address is still that of the last action
    for (const kind of ["pointerdown", "keydown"]) {
        window.addEventListener(kind, () => { fresh = true; }, true);
    }
    window.addEventListener("popstate", () => { fresh = false; }, true);
    const write = (state, title, url) => {
        const changed = url !== undefined && new URL(url, location.href).href !== location.href;
        const enter = fresh && changed;
        if (enter) fresh = false;
        (enter ? push : replace)(state, title, url);
    };
    history.pushState = write;
    history.replaceState = write;
}

function tellWhenDrawn(tell) {
    const plots = [...document.querySelectorAll(".js-plotly-plot")];
    const drawn = plots.length > 0 && plots.every(plot => plot.querySelector(".main-svg"))
        && !document.querySelector("[data-testid=stSkeleton]");
    if (!drawn) setTimeout(() => tellWhenDrawn(tell), 200);
    else requestAnimationFrame(() => setTimeout(tell, 100));
}

export default function ({setTriggerValue}) {
    keepHistory();
    if (window[TOLD]) return;
    window[TOLD] = true;
    tellWhenDrawn(() => setTriggerValue("drawn", true));
}
