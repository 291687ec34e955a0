// Plotly calls its listeners with the point under the pointer. A chart is made anew when its
// numbers change, so the page is watched for charts that have no listener yet; adding one that
// is there already is undone first, so that a click is reported once.
const SVG = "http://www.w3.org/2000/svg";
const MARK = "picked-cell";
const AGAIN = 3000; // ms until the server is told again that the overview is drawn
// ms from the drawn overview to that word: a link that was clicked just before is known by then,
// and what is told after such a click would empty the other page.
const LINK_KNOWN = 100;
const leaving = () => window[Symbol.for("eca_viz.leaving")]?.(); // of browser.js
let tell = () => {};
let repeat; // what tells the server again
let word; // what tells it soon
let shown = {charts: [], layers: []};
const listeners = new Map();

function listener(key) {
    if (!listeners.has(key)) {
        listeners.set(key, event => {
            const point = event.points[0];
            const details = point.customdata;
            if (details === undefined) return;
            const channel = Number(details.length === undefined ? details : details[0]);
            const layer = String(point.data.name ?? "");
            mark({layer: layer || shown.picked.layer, channel});
            tell({chart: key, layer, channel});
        });
    }
    return listeners.get(key);
}

function charts(key) {
    return document.querySelectorAll(`.st-key-${key} .js-plotly-plot`);
}

// A frame around the picked cell of the overview, inside its SVG, so that an export has it too.
function mark(picked) {
    shown.picked = picked;
    const row = shown.layers.findIndex(([name]) => name === picked.layer);
    for (const chart of charts(shown.overview)) {
        chart.querySelector(`.${MARK}`)?.remove();
        const axes = chart._fullLayout;
        if (row < 0 || !axes?.xaxis?.c2p) continue;
        const inside = (axis, value) =>
            axis._offset + Math.min(Math.max(axis.c2p(value), 0), axis._length);
        const count = shown.layers[row][1];
        const across = [0, 1].map(side => inside(axes.xaxis, (picked.channel + side) / count));
        const down = [-0.5, 0.5].map(side => inside(axes.yaxis, row + side)).sort((a, b) => a - b);
        const frame = document.createElementNS(SVG, "rect");
        const look = {
            class: MARK, x: across[0], y: down[0], width: across[1] - across[0],
            height: down[1] - down[0], fill: "none", stroke: shown.colour, "stroke-width": 3,
            "pointer-events": "none",
        };
        for (const [name, value] of Object.entries(look)) frame.setAttribute(name, value);
        chart.querySelector(".main-svg").append(frame);
    }
}

const markAgain = () => mark(shown.picked);

// Plotly rejects a promise with nothing when an animation is paused, and nobody catches it.
window.addEventListener("unhandledrejection", event => {
    if (event.reason === undefined) event.preventDefault();
});

function detach(chart, key) {
    chart.removeListener?.("plotly_click", listener(key));
    chart.removeListener?.("plotly_afterplot", markAgain);
}

export default function ({data: [data], setTriggerValue}) {
    tell = click => setTriggerValue("click", click);
    shown = data;
    let waiting = false;
    let said = data.told;
    // What is said while the page begins anew is lost: it is said until the server has heard it.
    clearInterval(repeat);
    clearTimeout(word);
    if (!data.told) repeat = setInterval(() => {
        said = false;
        listen();
    }, AGAIN);
    const listen = () => {
        waiting = false;
        for (const key of data.charts) {
            for (const chart of charts(key)) {
                if (!chart.on) continue;
                detach(chart, key);
                chart.on("plotly_click", listener(key));
                if (key === data.overview) {
                    chart.on("plotly_afterplot", markAgain);
                    if (!chart.querySelector(`.${MARK}`)) markAgain();
                    if (!said && !leaving() && chart.querySelector(".main-svg")) {
                        said = true;
                        word = setTimeout(() => {
                            said = !leaving();
                            if (said) setTriggerValue("drawn", true);
                        }, LINK_KNOWN);
                    }
                }
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
    markAgain();
    return () => {
        clearInterval(repeat);
        clearTimeout(word);
        watcher.disconnect();
        for (const key of data.charts) charts(key).forEach(chart => detach(chart, key));
    };
}
