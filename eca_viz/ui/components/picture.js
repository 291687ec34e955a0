// Puts a drawing that Python made into the page, where it takes the page's colours.
export default function ({ data: [svg], parentElement }) {
  const place = parentElement.querySelector(".eca-viz-picture > div");
  const drawing = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  place.replaceChildren(document.importNode(drawing, true));
}
