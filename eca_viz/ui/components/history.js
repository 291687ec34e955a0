// Streamlit writes an entry of the browser's history for each part of the address that the server
// changes, and none for what a person changes in a widget. Here each action of a person makes one
// entry, whatever it changes, so that Back never lands between two states.
const PATCHED = Symbol.for("eca_viz.history");

export default function () {
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
