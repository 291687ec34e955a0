// Another step begins at the top of the page.
let shown;

export default function ({data: [step]}) {
    if (shown !== undefined && shown !== step) {
        document.querySelector("[data-testid=stMain]")?.scrollTo(0, 0);
    }
    shown = step;
}
