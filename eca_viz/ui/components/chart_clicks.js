// Plotly calls its listeners with the point under the pointer. A chart is made anew when its
// numbers change, so the page is watched for charts that have no listener yet; adding one that
// is there already is undone first, so that a click is reported once.
let tell = () => {};
const listeners = new Map();

function listener(key) {
    if (!listeners.has(key)) {
        listeners.set(key, event => {
            const point = event.points[0];
            const details = point.customdata;
            if (details === undefined) return;
            const channel = Number(details.length === undefined ? details : details[0]);
            tell({chart: key, layer: String(point.data.name ?? ""), channel});
        });
    }
    return listeners.get(key);
}

function charts(key) {
    return document.querySelectorAll(`.st-key-${key} .js-plotly-plot`);
}

// Plotly rejects a promise with nothing when an animation is paused, and nobody catches it.
window.addEventListener("unhandledrejection", event => {
    if (event.reason === undefined) event.preventDefault();
});

export default function ({data, setTriggerValue}) {
    tell = click => setTriggerValue("click", click);
    let waiting = false;
    const listen = () => {
        waiting = false;
        for (const key of data.charts) {
            for (const chart of charts(key)) {
                if (!chart.on) continue;
                chart.removeListener("plotly_click", listener(key));
                chart.on("plotly_click", listener(key));
            }
        }
    };
    const watcher = new MutationObserver(() => {
        if (!waiting) {
            waiting = true;
            requestAnimationFrame(listen);
        }
    });
    watcher.observe(document.body, {childList: true, subtree: true});
    listen();
    return () => {
        watcher.disconnect();
        for (const key of data.charts) {
            for (const chart of charts(key)) {
                chart.removeListener?.("plotly_click", listener(key));
            }
        }
    };
}
