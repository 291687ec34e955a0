// Collects the figures of the page as they are drawn, sends them to Python, and saves the file
// that comes back. Python builds the file, so that its numbers are the records' own.
const SVG = "http://www.w3.org/2000/svg";
const PATIENCE = 100; // times 100 ms, for figures that are still being drawn
const LONGEST = 90000; // ms until the file is given up, as when the page began anew meanwhile

const plots = () =>
  [...document.querySelectorAll(".js-plotly-plot")].filter((plot) => plot.offsetParent !== null);

const ready = () =>
  !document.querySelector("[data-testid=stSkeleton]") &&
  plots().every((plot) => plot.querySelector(".main-svg"));

async function settled() {
  for (let turn = 0; turn < PATIENCE && !ready(); turn++) {
    await new Promise((resume) => setTimeout(resume, 100));
  }
}

// Elsewhere another font may take the place of the page's: each text keeps its length.
function keepLengths(layer, copy) {
  const copies = copy.querySelectorAll("text, tspan");
  layer.querySelectorAll("text, tspan").forEach((text, place) => {
    const length = text.childElementCount ? 0 : text.getComputedTextLength();
    if (length > 0) {
      copies[place].setAttribute("textLength", length);
      copies[place].setAttribute("lengthAdjust", "spacingAndGlyphs");
    }
  });
}

// Plotly draws a figure in layers of one size, one above the other.
function toSvg(plot, ground) {
  const layers = [...plot.querySelectorAll(".main-svg")];
  const size = { width: layers[0].clientWidth, height: layers[0].clientHeight };
  const whole = document.createElementNS(SVG, "svg");
  const back = document.createElementNS(SVG, "rect");
  for (const [name, value] of Object.entries(size)) {
    whole.setAttribute(name, value);
    back.setAttribute(name, value);
  }
  whole.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
  back.setAttribute("fill", ground);
  whole.append(back);
  for (const layer of layers) {
    const copy = layer.cloneNode(true);
    copy.removeAttribute("style");
    keepLengths(layer, copy);
    copy.querySelectorAll(".hoverlayer > *, .draglayer > *").forEach((it) => it.remove());
    whole.append(copy);
  }
  return new XMLSerializer().serializeToString(whole);
}

function keyOf(element) {
  const holder = element.closest("[class*='st-key-']");
  const name = [...holder.classList].find((it) => it.startsWith("st-key-"));
  return name.slice("st-key-".length);
}

// Python has the drawings that it made; it is told which of them are on the screen.
const pictures = () =>
  [...document.querySelectorAll(".eca-viz-picture")]
    .filter((drawing) => drawing.offsetParent !== null)
    .map(keyOf);

function svgs() {
  const ground = getComputedStyle(document.querySelector(".stApp")).backgroundColor;
  const found = {};
  for (const plot of plots().filter((plot) => plot.querySelector(".main-svg"))) {
    found[keyOf(plot)] = toSvg(plot, ground);
  }
  return found;
}

function save(file) {
  const bytes = Uint8Array.from(atob(file.data), (letter) => letter.charCodeAt(0));
  const address = URL.createObjectURL(new Blob([bytes], { type: "application/zip" }));
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.download = file.name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}

export default function ({ data, parentElement, setTriggerValue }) {
  const button = parentElement.querySelector("button");
  const said = parentElement.querySelector("output");
  button.textContent = data.label;
  const show = (text, busy) => {
    said.textContent = text;
    button.disabled = busy;
  };
  if (data.data && data.asked === button.dataset.asked) {
    delete button.dataset.asked; // the same data may come again
    save(data);
    show(data.saved, false);
  }
  button.onclick = async () => {
    show(data.collecting, true);
    await settled();
    const asked = String(Date.now());
    button.dataset.asked = asked;
    setTriggerValue("collected", { asked, link: location.href, svgs: svgs(), pictures: pictures() });
    setTimeout(() => {
      if (button.dataset.asked === asked) {
        delete button.dataset.asked;
        show(data.failed, false);
      }
    }, LONGEST);
  };
}
